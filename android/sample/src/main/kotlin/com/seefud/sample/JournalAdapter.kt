package com.seefud.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.TextView

/** The newest things that a person did, one a row. */
class JournalAdapter(private val words: JournalWording, private val wording: Wording) : BaseAdapter() {
    private var entries: List<JournalEntry> = emptyList()

    fun show(entries: List<JournalEntry>) {
        this.entries = entries
        notifyDataSetChanged()
    }

    override fun getCount(): Int = entries.size

    override fun getItem(position: Int): JournalEntry = entries[position]

    override fun getItemId(position: Int): Long = position.toLong()

    override fun areAllItemsEnabled(): Boolean = false

    override fun isEnabled(position: Int): Boolean = false

    override fun getView(position: Int, reused: View?, parent: ViewGroup): View {
        val view = reused ?: LayoutInflater.from(parent.context).inflate(R.layout.journal_entry, parent, false)
        val entry = entries[position]
        view.required<TextView>(R.id.deed).text = words.sentence(entry)
        view.required<TextView>(R.id.time).text = wording.time(entry.interaction.time)
        return view
    }
}
