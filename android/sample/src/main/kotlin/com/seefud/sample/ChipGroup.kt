package com.seefud.sample

import android.content.Context
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup

/** Lays its children out like words: from the start of a line, on to the next one where a line is full. */
class ChipGroup(context: Context, attributes: AttributeSet?) : ViewGroup(context, attributes) {
    private val gap = resources.getDimensionPixelSize(R.dimen.gap)

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        val wide = MeasureSpec.makeMeasureSpec(width, MeasureSpec.AT_MOST)
        val high = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        children().forEach { it.measure(wide, high) }
        setMeasuredDimension(width, flow(width) { _, _, _ -> })
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val mirrored = layoutDirection == View.LAYOUT_DIRECTION_RTL
        flow(width) { child, start, y ->
            val x = if (mirrored) width - start - child.measuredWidth else start
            child.layout(x, y, x + child.measuredWidth, y + child.measuredHeight)
        }
    }

    /** Places every child and returns the height of all lines. No gap between lines: a chip has its own above it. */
    private fun flow(width: Int, place: (child: View, start: Int, y: Int) -> Unit): Int {
        var start = 0
        var y = 0
        var line = 0
        for (child in children()) {
            if (start > 0 && start + child.measuredWidth > width) {
                start = 0
                y += line
                line = 0
            }
            place(child, start, y)
            start += child.measuredWidth + gap
            line = maxOf(line, child.measuredHeight)
        }
        return y + line
    }

    private fun children(): List<View> = (0 until childCount).map { getChildAt(it) }
}
