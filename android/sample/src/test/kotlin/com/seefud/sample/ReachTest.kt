package com.seefud.sample

import android.graphics.Insets
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.TextView
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

private const val TOUCH_DP = 48

/** Whether everybody can reach everything: fingers, TalkBack, and screens with bars and cut-outs. */
@RunWith(SampleRunner::class)
@Config(sdk = [24, 35], application = CannedApplication::class, qualifiers = "w411dp-h891dp-port-hdpi")
class ReachTest {
    private val screen = ShownScreen.open()

    @After
    fun close() = screen.close()

    @Test
    fun `everything that can be tapped is at least 48 dp each way`() {
        screen.tap("Soto ayam lamongan")
        screen.type("soto")
        val least = TOUCH_DP * screen.activity.resources.displayMetrics.density
        val targets = tappable(screen.activity.required(R.id.screen))
        assertTrue("${targets.size} targets", targets.size > 10)
        val data = ShownData.open(screen)
        val all = targets + tappable(requireNotNull(data.dialog.window).decorView)
        assertTrue("${all.size} targets", all.size > targets.size + 1)
        for (target in all) {
            val name = "${target.contentDescription ?: (target as? TextView)?.text} ${target.width}x${target.height}"
            assertTrue(name, target.width >= least && target.height >= least)
        }
    }

    @Test
    fun `a card tells TalkBack everything, and what a tap does`() {
        screen.tap("Soto ayam lamongan")
        val card = screen.cardsUnder("For you")[0]
        assertEquals(
            "Soto kambing madura. 21% likely. because of soto ayam lamongan, 72%. " +
                "daging kambing, santan encer, kapulaga, daun jeruk, emping",
            card.description,
        )
        assertEquals("add to what you like", tapLabel(card.card))
        val arrival = screen.card("Sup nila jogja")
        assertTrue(arrival.description, arrival.description.startsWith("Sup nila jogja. New. 12% likely. "))
        val liked = screen.cardsUnder("All dishes").first { it.title == "Soto ayam lamongan" }
        assertTrue(liked.description, liked.description.startsWith("Soto ayam lamongan. in what you like. "))
        assertEquals("take from what you like", tapLabel(liked.card))
        assertEquals("What do you think of Soto kambing madura?", card.more.contentDescription)
    }

    @Test
    fun `chips tell TalkBack what a tap does`() {
        screen.tap("Sate jamur tahu")
        screen.activity.presenter.change { it.leavingOut("udang") }
        screen.settle()
        assertEquals("Take sate jamur tahu from what you like", screen.chips(R.id.liked)[0].contentDescription)
        val unwanted = screen.chips(R.id.unwanted).map { it.contentDescription }
        assertEquals(listOf("Allow udang again", "Add an ingredient to leave out"), unwanted)
    }

    @Test
    @Config(sdk = [35])
    fun `content keeps clear of the bars, of a cut-out and of the keyboard`() {
        val root = screen.activity.required<View>(R.id.screen)
        val bars =
            WindowInsets
                .Builder()
                .setInsets(WindowInsets.Type.statusBars(), Insets.of(0, 36, 0, 0))
                .setInsets(WindowInsets.Type.navigationBars(), Insets.of(0, 0, 0, 72))
                .setInsets(WindowInsets.Type.displayCutout(), Insets.of(40, 0, 0, 0))
        root.dispatchApplyWindowInsets(bars.build())
        assertEquals(listOf(40, 36, 0, 72), padding(root))
        root.dispatchApplyWindowInsets(bars.setInsets(WindowInsets.Type.ime(), Insets.of(0, 0, 0, 400)).build())
        assertEquals(listOf(40, 36, 0, 400), padding(root))
    }

    private fun padding(view: View) =
        listOf(view.paddingLeft, view.paddingTop, view.paddingRight, view.paddingBottom)

    private fun tappable(view: View): List<View> =
        when {
            view.visibility != View.VISIBLE -> emptyList()
            view is ViewGroup -> itself(view) + (0 until view.childCount).flatMap { tappable(view.getChildAt(it)) }
            else -> itself(view)
        }

    private fun itself(view: View) = if (view.hasOnClickListeners()) listOf(view) else emptyList()

    private fun tapLabel(view: View): CharSequence? {
        val info = view.createAccessibilityNodeInfo()
        return info.actionList.first { it.id == AccessibilityNodeInfo.ACTION_CLICK }.label
    }
}
