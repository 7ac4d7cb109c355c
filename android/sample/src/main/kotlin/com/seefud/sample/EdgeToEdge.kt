package com.seefud.sample

import android.os.Build
import android.view.View
import android.view.WindowInsets

/**
 * Keeps the content of this view clear of the system bars, of a cut-out and of the keyboard. From API 35 on every app
 * draws behind them; before, the system has kept its distance already and the insets that arrive here are none.
 */
fun View.keepClearOfSystemBars() {
    setOnApplyWindowInsetsListener { view, insets ->
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val taken =
                WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
            val bars = insets.getInsets(taken)
            view.setPadding(bars.left, bars.top, bars.right, bars.bottom)
            WindowInsets.CONSUMED
        } else {
            padBefore30(view, insets)
        }
    }
}

@Suppress("DEPRECATION") // The only way before API 30.
private fun padBefore30(view: View, insets: WindowInsets): WindowInsets {
    view.setPadding(
        insets.systemWindowInsetLeft,
        insets.systemWindowInsetTop,
        insets.systemWindowInsetRight,
        insets.systemWindowInsetBottom,
    )
    return insets.consumeSystemWindowInsets()
}
