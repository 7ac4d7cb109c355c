package com.seefud.sample

import android.app.Activity
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

private const val LEAVE_OUT_DRAFT = "leave_out.draft"

/** The one screen: what you like, what that means for your next meal, and what is new. */
class MainActivity : Activity() {
    private val scope = CoroutineScope(Dispatchers.Main)
    lateinit var presenter: ShelfPresenter
        private set
    private lateinit var screen: ShelfScreen

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        val app = application as SampleApplication
        presenter = lastNonConfigurationInstance as ShelfPresenter?
            ?: ShelfPresenter(savedInstanceState.taste()) { app.openAdvisor() }
        screen = ShelfScreen(this, presenter::change, presenter::retry)
        savedInstanceState?.getString(LEAVE_OUT_DRAFT)?.let { screen.leaveOut.show(it) }
        screen.show(presenter.state.value)
        scope.launch { presenter.state.collect { screen.show(it) } }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putTaste(presenter.state.value.taste)
        outState.putString(LEAVE_OUT_DRAFT, screen.leaveOut.draft)
    }

    /** The presenter outlives a turn of the phone, and the open model with it. */
    override fun onRetainNonConfigurationInstance(): Any = presenter

    override fun onDestroy() {
        scope.cancel()
        screen.leaveOut.dismiss()
        if (!isChangingConfigurations) presenter.close()
        super.onDestroy()
    }
}
