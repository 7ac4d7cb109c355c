package com.seefud.sample

import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.TextView

/**
 * The card of one dish; the whole of it is the button, but for the one that asks for more.
 *
 * @param row an inflated dish.xml
 */
class DishCard(row: View, private val wording: Wording, onTap: (Pick) -> Unit, onMore: (Pick) -> Unit) {
    private val card: View = row.required(R.id.card)
    private val badge: View = row.required(R.id.badge)
    private val title: TextView = row.required(R.id.title)
    private val ingredients: TextView = row.required(R.id.ingredients)
    private val likelihood: View = row.required(R.id.likelihood)
    private val bar: ProgressBar = row.required(R.id.bar)
    private val percent: TextView = row.required(R.id.percent)
    private val reason: TextView = row.required(R.id.reason)
    private val heart: ImageView = row.required(R.id.heart)
    private val more: View = row.required(R.id.more)
    private var shown: Pick? = null
    private var liked = false

    init {
        card.setOnClickListener { shown?.let(onTap) }
        more.setOnClickListener { shown?.let(onMore) }
        card.accessibilityDelegate = SaysWhatTapDoes()
    }

    fun show(row: ShelfRow.Ranked) {
        val recommendation = row.recommendation
        show(row.pick, row.liked, row.arrival)
        likelihood.visibility = View.VISIBLE
        bar.progress = (recommendation.probability / row.axisEnd * bar.max).toInt()
        percent.text = wording.percent(recommendation.probability)
        val because = wording.because(recommendation)
        reason.text = because
        reason.visibility = if (because == null) View.GONE else View.VISIBLE
        describe(row.arrival, card.resources.getString(R.string.likely_description, percent.text), because)
    }

    fun show(row: ShelfRow.Plain) {
        show(row.pick, row.liked, arrival = false)
        likelihood.visibility = View.GONE
        reason.visibility = View.GONE
        describe(arrival = false, null, null)
    }

    private fun show(pick: Pick, isLiked: Boolean, arrival: Boolean) {
        shown = pick
        liked = isLiked
        badge.visibility = if (arrival) View.VISIBLE else View.GONE
        title.text = wording.title(pick.product.title)
        ingredients.text = wording.ingredients(pick.product.ingredients)
        val name = wording.quoted(wording.title(pick.product.title))
        more.contentDescription = card.resources.getString(R.string.opinion_description, name)
        heart.setImageResource(if (isLiked) R.drawable.ic_liked else R.drawable.ic_like)
        card.setBackgroundResource(if (isLiked) R.drawable.card_liked else R.drawable.card)
    }

    private fun describe(arrival: Boolean, likely: String?, because: String?) {
        val state = if (liked) card.resources.getString(R.string.liked_description) else null
        val isNew = if (arrival) card.resources.getString(R.string.arrival_badge) else null
        card.contentDescription =
            listOfNotNull(title.text, isNew, state, likely, because, ingredients.text).joinToString(". ")
    }

    /** "Double-tap to add to what you like" instead of "double-tap to activate". */
    private inner class SaysWhatTapDoes : View.AccessibilityDelegate() {
        override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
            super.onInitializeAccessibilityNodeInfo(host, info)
            val label = host.resources.getString(if (liked) R.string.unlike_action else R.string.like_action)
            info.className = Button::class.java.name
            info.addAction(AccessibilityNodeInfo.AccessibilityAction(AccessibilityNodeInfo.ACTION_CLICK, label))
        }
    }
}
