package com.seefud.sample

import android.content.res.Configuration
import android.graphics.Color
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

private const val LEAST = 4.5

/** Every text can be read on what is behind it: WCAG 2.1, success criterion 1.4.3. */
@RunWith(SampleRunner::class)
@Config(sdk = [35])
class ContrastTest {
    private val textsOn =
        listOf(
            R.color.text to R.color.background,
            R.color.text to R.color.surface,
            R.color.text to R.color.field,
            R.color.text to R.color.neutral_container,
            R.color.text_secondary to R.color.background,
            R.color.text_secondary to R.color.surface,
            R.color.text_secondary to R.color.field,
            R.color.accent to R.color.background,
            R.color.accent to R.color.surface,
            R.color.on_accent to R.color.accent,
            R.color.on_accent_container to R.color.accent_container,
            R.color.on_leaf_container to R.color.leaf_container,
        )

    @Test
    fun light() = assertReadable(Configuration.UI_MODE_NIGHT_NO)

    @Test
    fun dark() = assertReadable(Configuration.UI_MODE_NIGHT_YES)

    private fun assertReadable(night: Int) {
        val configuration = Configuration(RuntimeEnvironment.getApplication().resources.configuration)
        configuration.uiMode = configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK.inv() or night
        val context = RuntimeEnvironment.getApplication().createConfigurationContext(configuration)
        for ((text, behind) in textsOn) {
            val contrast = contrast(context.getColor(text), context.getColor(behind))
            val names = listOf(text, behind).joinToString(" on ") { context.resources.getResourceEntryName(it) }
            assertTrue("$names has a contrast of $contrast", contrast >= LEAST)
        }
    }

    private fun contrast(one: Int, other: Int): Double {
        val bright = maxOf(Color.luminance(one), Color.luminance(other))
        val dim = minOf(Color.luminance(one), Color.luminance(other))
        return (bright + 0.05) / (dim + 0.05)
    }
}
