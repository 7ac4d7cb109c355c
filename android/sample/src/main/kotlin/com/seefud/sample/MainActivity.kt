package com.seefud.sample

import android.app.Activity
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

private const val LEAVE_OUT_DRAFT = "leave_out.draft"
private const val YOUR_DATA = "your_data"

/** The one screen: what you like, what that means for your next meal, and what is new. */
class MainActivity : Activity() {
    private val scope = CoroutineScope(Dispatchers.Main)
    lateinit var presenter: ShelfPresenter
        private set
    lateinit var yourData: YourDataScreen
        private set
    private lateinit var screen: ShelfScreen

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        val app = application as SampleApplication
        val kept = lastNonConfigurationInstance as Kept?
        presenter = kept?.presenter ?: ShelfPresenter(savedInstanceState.taste(), app.journal) { app.openAdvisor() }
        yourData = YourDataScreen(this, scope, Wording(this), app.journal::contents, presenter::erase)
        screen = ShelfScreen(this, presenter, yourData::show)
        savedInstanceState?.getString(LEAVE_OUT_DRAFT)?.let { screen.leaveOut.show(it) }
        kept?.asked?.let { screen.opinion.show(it) }
        if (savedInstanceState?.getBoolean(YOUR_DATA) == true) yourData.show()
        screen.show(presenter.state.value)
        scope.launch { presenter.state.collect { screen.show(it) } }
        scope.launch { app.journal.keeping.collect { screen.show(it) } }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putTaste(presenter.state.value.taste)
        outState.putString(LEAVE_OUT_DRAFT, screen.leaveOut.draft)
        outState.putBoolean(YOUR_DATA, yourData.isShown)
    }

    /** The presenter outlives a turn of the phone, and the open model with it. */
    override fun onRetainNonConfigurationInstance(): Any = Kept(presenter, screen.opinion.asked)

    override fun onDestroy() {
        scope.cancel()
        screen.leaveOut.dismiss()
        screen.opinion.dismiss()
        yourData.dismiss()
        if (!isChangingConfigurations) presenter.close()
        super.onDestroy()
    }

    private class Kept(val presenter: ShelfPresenter, val asked: Pick?)
}
