package com.seefud.sample

import com.seefud.recommender.Interaction
import com.seefud.recommender.InteractionType
import com.seefud.recommender.Origin
import com.seefud.recommender.Product
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** What is in the journal after what a person does. */
class TracksTest {
    private val soto = Product("soto ayam lamongan")
    private val nila = Product("sup nila jogja")
    private val journal = CannedJournal()
    private val model = CannedAdvisor().model.id
    private val presenter = presenter(CannedAdvisor())

    @After
    fun close() = presenter.close()

    private fun presenter(advisor: Advisor) =
        ShelfPresenter(Taste(), journal, clock = { CannedJournal.NOW }) { advisor }.also { runBlocking { it.settled() } }

    private fun after(deed: ShelfPresenter.() -> Unit): List<Interaction> {
        presenter.deed()
        runBlocking { presenter.settled() }
        return journal.events.filter { it.type != InteractionType.IMPRESSION }
    }

    private fun impressions() = journal.events.filter { it.type == InteractionType.IMPRESSION }

    @Test
    fun `a shown list is kept once, with its model, ranks and scores`() {
        val shown = impressions()
        assertEquals(9, shown.size)
        assertEquals(Interaction.impression(soto, Origin(model, 1, 1f, 0), CannedJournal.NOW), shown[0])
        assertEquals((1..9).toList(), shown.map { it.origin?.rank })
        after { change { it.leavingOut("nobody cooks with this") } }
        after { retry() }
        assertEquals("the same list", 9, impressions().size)
        after { change { it.leavingOut("udang") } }
        assertEquals(List(9) { 0L } + List(8) { 1L }, impressions().map { it.origin?.list })
    }

    @Test
    fun `a tap in a shown list is a click and a favourite of it`() {
        val origin = Origin(model, 2, 0.9f, 0)
        val kambing = Product("soto kambing madura")
        val events = after { tap(Pick(kambing, Section.FOR_YOU)) }
        val time = CannedJournal.NOW
        assertEquals(listOf(Interaction.click(kambing, origin, time), Interaction.favorite(kambing, origin, time)), events)
    }

    @Test
    fun `a tap on an arrival names the model and the rank, one in the menu neither`() {
        val events = after {
            tap(Pick(nila, Section.ARRIVALS))
            tap(Pick(soto, Section.DISHES))
        }
        val time = CannedJournal.NOW
        assertEquals(listOf(Interaction.favorite(nila, Origin(model, 1, 0.8f), time), Interaction.favorite(soto, time = time)), events)
    }

    @Test
    fun `a second tap takes the liking back, however fast it comes, a third one likes again`() {
        val events = after {
            repeat(3) { tap(Pick(soto, Section.DISHES)) }
        }
        val types = listOf(InteractionType.FAVORITE, InteractionType.DISMISS, InteractionType.FAVORITE)
        assertEquals(types, events.map { it.type })
        assertEquals(listOf(soto), presenter.state.value.taste.liked)
    }

    @Test
    fun `stars and not for me come from the list too`() {
        val events = after {
            rate(Pick(soto, Section.FOR_YOU), 4)
            dismiss(Pick(nila, Section.ARRIVALS))
        }
        val time = CannedJournal.NOW
        val expected = listOf(
            Interaction.rating(soto, 4, Origin(model, 1, 1f, 0), time),
            Interaction.dismiss(nila, Origin(model, 1, 0.8f), time),
        )
        assertEquals(expected, events)
        val taste = presenter.state.value.taste
        assertEquals(listOf(soto) to listOf(nila), taste.liked to taste.refused)
    }

    @Test
    fun `a search is kept once it is meant, and once only`() {
        assertEquals(emptyList<Interaction>(), after { change { it.searching("so") } })
        assertEquals(emptyList<Interaction>(), after { change { it.searching("Soto ") } })
        val time = CannedJournal.NOW
        val search = Interaction.search("Soto", time = time)
        assertEquals(listOf(search), after { settleSearch() })
        assertEquals(listOf(search), after { settleSearch() })
        after { change { it.searching("  soto") } }
        assertEquals(listOf(search), after { settleSearch() })
        after { change { it.searching("") } }
        assertEquals(listOf(search), after { settleSearch() })
    }

    @Test
    fun `a tap on a dish that was found means the search`() {
        after { change { it.searching("soto") } }
        val events = after { tap(Pick(soto, Section.FOUND)) }
        val time = CannedJournal.NOW
        assertEquals(listOf(Interaction.search("soto", time = time), Interaction.favorite(soto, time = time)), events)
    }

    @Test
    fun `lists that fly by while somebody types are not kept, but for one that is touched`() {
        val before = impressions().size
        after { change { it.leavingOut("udang").searching("s") } }
        assertEquals(before, impressions().size)
        val events = after { tap(Pick(soto, Section.FOR_YOU)) }
        assertEquals(1L, events.last().origin?.list)
        assertEquals(8, impressions().count { it.origin?.list == 1L })
    }

    @Test
    fun `a text that no event may hold is passed over`() {
        after { change { it.searching("half \ud83c") } }
        assertEquals(emptyList<Interaction>(), after { settleSearch() })
        assertTrue(presenter.state.value is ShelfState.Ready)
    }

    @Test
    fun `a tap just before the app is left is kept`() {
        val never = CompletableDeferred<Advisor>()
        val leaving = ShelfPresenter(Taste(), journal) { never.await() }
        leaving.tap(Pick(soto, Section.DISHES))
        leaving.close()
        runBlocking { leaving.settled() }
        assertEquals(InteractionType.FAVORITE, journal.events.last().type)
    }

    @Test
    fun `erasing forgets what is liked, searched for and shown`() {
        after {
            change { it.searching("soto") }
            tap(Pick(soto, Section.FOUND))
        }
        runBlocking {
            presenter.erase()
            presenter.settled()
        }
        assertEquals(Taste(), presenter.state.value.taste)
        assertEquals("the list that is shown now", (1..9).toList(), journal.events.map { it.origin?.rank })
        after { change { it.searching("soto") } }
        assertEquals(listOf("soto"), after { settleSearch() }.map { it.text })
    }
}
