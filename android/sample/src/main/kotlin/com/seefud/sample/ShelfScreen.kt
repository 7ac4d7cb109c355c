package com.seefud.sample

import android.app.Activity
import android.text.Editable
import android.text.TextWatcher
import android.view.View
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView

/** The views of main.xml, which show a [ShelfState] and report to the presenter what a person does. */
class ShelfScreen(
    private val activity: Activity,
    private val presenter: ShelfPresenter,
    onYourData: () -> Unit,
) {
    private val wording = Wording(activity)
    private val query: EditText = activity.required(R.id.query)
    private val search: View = activity.required(R.id.search)
    private val clear: View = activity.required(R.id.clear)
    private val list: ListView = activity.required(R.id.shelf)
    private val opening: View = activity.required(R.id.opening)
    private val trouble: View = activity.required(R.id.trouble)
    private val footer: TextView = activity.required(R.id.footer)
    val opinion = OpinionDialog(activity, wording, presenter::rate, presenter::dismiss)
    private val adapter = ShelfAdapter(wording, presenter::tap) { opinion.show(it) }
    private val taste: TastePane
    private var shownQuery = ""

    val leaveOut = LeaveOutDialog(activity) { text -> presenter.change { it.leavingOut(text) } }

    init {
        activity.required<View>(R.id.screen).keepClearOfSystemBars()
        // Upright, what you like is the head of the list; on its side it has its place in the layout.
        val pane = activity.findViewById<View>(R.id.taste) ?: headOfList()
        list.itemsCanFocus = true
        list.adapter = adapter
        taste =
            TastePane(
                pane,
                wording,
                onTap = { product -> presenter.tap(Pick(product, Section.DISHES)) },
                onAllow = { ingredient -> presenter.change { it.allowing(ingredient) } },
                onAdd = { leaveOut.show() },
            )
        activity.required<View>(R.id.try_again).setOnClickListener { presenter.retry() }
        activity.required<View>(R.id.your_data).setOnClickListener { onYourData() }
        clear.setOnClickListener { query.setText("") }
        query.setOnEditorActionListener { _, action, _ ->
            (action == EditorInfo.IME_ACTION_SEARCH).also { if (it) submit() }
        }
        query.addTextChangedListener(ReportsQuery())
    }

    fun show(state: ShelfState) {
        shownQuery = state.taste.query
        if (query.text.toString() != shownQuery) query.setText(shownQuery)
        clear.visibility = if (query.text.isEmpty()) View.GONE else View.VISIBLE
        search.visibility = if (state is ShelfState.Failed) View.GONE else View.VISIBLE
        taste.show(state.taste)
        val ready = state as? ShelfState.Ready
        opening.visibility = if (state is ShelfState.Opening) View.VISIBLE else View.GONE
        trouble.visibility = if (state is ShelfState.Failed) View.VISIBLE else View.GONE
        list.visibility = if (ready != null) View.VISIBLE else View.GONE
        footer.visibility = list.visibility
        if (ready != null) {
            adapter.show(rowsOf(ready))
            footer.text = wording.footer(ready.model, ready.advice.nanoseconds)
        }
        if (state is ShelfState.Failed) {
            activity.required<TextView>(R.id.trouble_title).setText(state.trouble.title)
            activity.required<TextView>(R.id.trouble_text).setText(state.trouble.text)
            activity.required<TextView>(R.id.trouble_detail).text = state.detail
        }
    }

    private fun headOfList(): View =
        activity.layoutInflater.inflate(R.layout.taste, list, false).also { list.addHeaderView(it, null, false) }

    fun show(keeping: Keeping) = taste.show(keeping)

    private fun submit() {
        hideKeyboard()
        presenter.settleSearch()
    }

    private fun hideKeyboard() {
        activity.getSystemService(InputMethodManager::class.java)?.hideSoftInputFromWindow(query.windowToken, 0)
        query.clearFocus()
    }

    private inner class ReportsQuery : TextWatcher {
        override fun beforeTextChanged(text: CharSequence, start: Int, count: Int, after: Int) = Unit

        override fun onTextChanged(text: CharSequence, start: Int, before: Int, count: Int) = Unit

        override fun afterTextChanged(text: Editable) {
            val typed = text.toString()
            if (typed == shownQuery) return
            shownQuery = typed
            presenter.change { it.searching(typed) }
            // Other words, other dishes: start at the best of them.
            list.setSelection(0)
        }
    }
}
