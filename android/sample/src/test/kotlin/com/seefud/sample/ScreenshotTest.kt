package com.seefud.sample

import android.app.AlertDialog
import android.widget.ListView
import com.seefud.recommender.Interaction
import com.seefud.recommender.Origin
import com.seefud.recommender.Product
import org.junit.After
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowAlertDialog
import java.util.TimeZone

private const val UPRIGHT = "w411dp-h891dp-port-notnight-hdpi"

@RunWith(SampleRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], application = CannedApplication::class, qualifiers = UPRIGHT)
class ScreenshotTest {
    private lateinit var screen: ShownScreen

    private val zone = TimeZone.getDefault()

    @Before
    fun inOneTimeZone() = TimeZone.setDefault(TimeZone.getTimeZone("UTC"))

    @After
    fun close() {
        TimeZone.setDefault(zone)
        screen.close()
    }

    private fun open() {
        screen = ShownScreen.open()
    }

    private fun likeTwo() {
        screen.tap("Soto ayam lamongan")
        screen.tap("Sate jamur tahu")
    }

    private fun leaveOutPrawns() {
        screen.activity.presenter.change { it.leavingOut("udang") }
        screen.settle()
    }

    private fun assertLooksLike(name: String) {
        screen.settle()
        assertLooksLike(name, screen.activity.window.decorView)
    }

    @Test
    fun light() {
        open()
        likeTwo()
        leaveOutPrawns()
        assertLooksLike("light")
    }

    @Test
    fun `further down are the arrivals and the menu`() {
        open()
        likeTwo()
        leaveOutPrawns()
        screen.activity.required<ListView>(R.id.shelf).setSelection(6)
        assertLooksLike("arrivals")
    }

    @Test
    @Config(qualifiers = "w411dp-h891dp-port-night-hdpi")
    fun dark() {
        open()
        likeTwo()
        leaveOutPrawns()
        assertLooksLike("dark")
    }

    @Test
    fun `large font`() {
        RuntimeEnvironment.setFontScale(1.8f)
        open()
        likeTwo()
        leaveOutPrawns()
        assertLooksLike("large-font")
    }

    @Test
    @Config(qualifiers = "ar-ldrtl-w411dp-h891dp-port-notnight-hdpi")
    fun `right to left`() {
        open()
        likeTwo()
        leaveOutPrawns()
        assertLooksLike("right-to-left")
    }

    @Test
    @Config(qualifiers = "in-w411dp-h891dp-port-night-hdpi")
    fun `Indonesian in the dark while searching`() {
        open()
        likeTwo()
        screen.type("soto")
        assertLooksLike("search-indonesian")
    }

    @Test
    fun `landscape after rotation`() {
        open()
        likeTwo()
        leaveOutPrawns()
        screen.turn { RuntimeEnvironment.setQualifiers("+w891dp-h411dp-land") }
        assertLooksLike("landscape")
    }

    @Test
    fun `nothing liked, nothing found`() {
        open()
        screen.type("pizza")
        assertLooksLike("empty")
    }

    @Test
    @Config(application = MissingModelApplication::class)
    fun error() {
        open()
        assertLooksLike("error")
    }

    @Test
    fun `what is kept`() {
        val journal = (RuntimeEnvironment.getApplication() as CannedApplication).journal
        journal.events += whatSomebodyDid()
        open()
        val data = ShownData.open(screen)
        assertLooksLike("your-data", requireNotNull(data.dialog.window).decorView)
    }

    @Test
    fun `less of some, and a full phone`() {
        open()
        screen.tap("Soto ayam lamongan")
        screen.judge("Sup nila jogja", "Not for me")
        (RuntimeEnvironment.getApplication() as CannedApplication).journal.keeping.value = Keeping.FULL
        assertLooksLike("less-of-these")
    }

    @Test
    fun `asking what one thinks of a dish`() {
        open()
        screen.card("Sate jamur tahu").more.performClick()
        screen.settle()
        val dialog = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertLooksLike("opinion", requireNotNull(dialog.window).decorView)
    }

    private fun whatSomebodyDid(): List<Interaction> {
        fun minutesAgo(count: Int) = CannedJournal.NOW - count * 60_000L
        val sate = Product("sate jamur tahu")
        val shown = Origin("b9820dcbeae2", 5, 0.6f, 0)
        return listOf(
            Interaction.search("ayam pedas", time = minutesAgo(1_500)),
            Interaction.favorite(Product("ayam panggang bumbu rujak"), time = minutesAgo(1_498)),
            Interaction.rating(Product("soto ayam lamongan"), 5, time = minutesAgo(70)),
            Interaction.dismiss(Product("udang goreng lada hitam"), time = minutesAgo(69)),
            Interaction.click(sate, shown, minutesAgo(3)),
            Interaction.favorite(sate, shown, minutesAgo(3)),
        )
    }

    @Test
    fun `asking for an ingredient`() {
        open()
        screen.tapChip(R.id.unwanted, "Ingredient")
        val dialog = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertLooksLike("leave-out", requireNotNull(dialog.window).decorView)
    }
}
