package com.seefud.sample

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.TextView

/** Gives the list its rows. */
class ShelfAdapter(
    private val wording: Wording,
    private val onTap: (Pick) -> Unit,
    private val onMore: (Pick) -> Unit,
) : BaseAdapter() {
    private var rows: List<ShelfRow> = emptyList()

    fun show(rows: List<ShelfRow>) {
        if (rows == this.rows) return
        this.rows = rows
        notifyDataSetChanged()
    }

    override fun getCount(): Int = rows.size

    override fun getItem(position: Int): ShelfRow = rows[position]

    override fun getItemId(position: Int): Long = position.toLong()

    override fun getViewTypeCount(): Int = Kind.entries.size

    override fun getItemViewType(position: Int): Int = kindOf(rows[position]).ordinal

    /** The cards take the taps themselves, so that TalkBack can say what a tap does. */
    override fun areAllItemsEnabled(): Boolean = false

    override fun isEnabled(position: Int): Boolean = false

    override fun getView(position: Int, reused: View?, parent: ViewGroup): View {
        val row = rows[position]
        val view = reused ?: inflate(kindOf(row), parent)
        when (row) {
            is ShelfRow.Heading -> showHeading(view, row)
            is ShelfRow.Note -> view.required<TextView>(R.id.note).text = note(view, row)
            is ShelfRow.Ranked -> (view.tag as DishCard).show(row)
            is ShelfRow.Plain -> (view.tag as DishCard).show(row)
        }
        return view
    }

    private fun inflate(kind: Kind, parent: ViewGroup): View {
        val view = LayoutInflater.from(parent.context).inflate(kind.layout, parent, false)
        if (kind == Kind.DISH) view.tag = DishCard(view, wording, onTap, onMore)
        return view
    }

    private fun showHeading(view: View, row: ShelfRow.Heading) {
        view.required<TextView>(R.id.heading).setText(
            when (row.section) {
                Section.FOUND -> R.string.found_heading
                Section.FOR_YOU -> R.string.for_you_heading
                Section.POPULAR -> R.string.popular_heading
                Section.ARRIVALS -> R.string.arrivals_heading
                Section.DISHES -> R.string.dishes_heading
            },
        )
        val resources = view.resources
        val detail = view.required<TextView>(R.id.heading_detail)
        detail.text =
            when {
                row.axisEnd != null -> resources.getString(R.string.axis_detail, wording.percent(row.axisEnd))
                row.section == Section.ARRIVALS -> resources.getString(R.string.arrivals_detail)
                row.section == Section.DISHES ->
                    resources.getQuantityString(R.plurals.dishes_detail, row.count, wording.number(row.count))
                else -> ""
            }
        detail.visibility = if (detail.text.isEmpty()) View.GONE else View.VISIBLE
    }

    private fun note(view: View, row: ShelfRow.Note): String =
        when (row.section) {
            Section.FOUND -> view.resources.getString(R.string.found_nothing, wording.quoted(row.query))
            Section.ARRIVALS -> view.resources.getString(R.string.arrivals_nothing)
            Section.FOR_YOU -> view.resources.getString(R.string.ranked_everything)
            Section.POPULAR, Section.DISHES -> view.resources.getString(R.string.ranked_nothing)
        }

    private enum class Kind(val layout: Int) {
        HEADING(R.layout.heading),
        NOTE(R.layout.note),
        DISH(R.layout.dish),
    }

    private fun kindOf(row: ShelfRow): Kind =
        when (row) {
            is ShelfRow.Heading -> Kind.HEADING
            is ShelfRow.Note -> Kind.NOTE
            is ShelfRow.Ranked, is ShelfRow.Plain -> Kind.DISH
        }
}
