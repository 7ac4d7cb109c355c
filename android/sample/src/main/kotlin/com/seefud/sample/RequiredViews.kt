package com.seefud.sample

import android.app.Activity
import android.view.View

/** requireViewById, which is there from API 28 on. */
fun <T : View> View.required(id: Int): T =
    requireNotNull(findViewById<T>(id)) { "no view ${resources.getResourceName(id)} in this layout" }

/** The same for the content of an activity. */
fun <T : View> Activity.required(id: Int): T =
    requireNotNull(findViewById<T>(id)) { "no view ${resources.getResourceName(id)} on this screen" }
