package com.seefud.sample

import com.seefud.recommender.DigestMismatchException
import com.seefud.recommender.InvalidRequestException
import com.seefud.recommender.Product
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class ShelfPresenterTest {
    private val soto = Product("soto ayam lamongan")
    private val damage = DigestMismatchException("products.txt", "digest a", "digest b", "build the model again")
    private val refusal = InvalidRequestException("word \"?\"", "a letter", "none", "leave it out")
    private val opened = ArrayList<ShelfPresenter>()

    @After
    fun close() = opened.forEach { it.close() }

    private val journal = CannedJournal()

    private fun presenter(open: suspend () -> Advisor) =
        ShelfPresenter(Taste(), journal, clock = { CannedJournal.NOW }, open = open).also { opened.add(it) }

    private fun ShelfPresenter.answered(): ShelfState {
        runBlocking { settled() }
        return state.value
    }

    @Test
    fun `opens, answers, and answers again`() {
        val presenter = presenter { CannedAdvisor() }
        val first = presenter.answered() as ShelfState.Ready
        assertEquals("soto ayam lamongan", first.advice.forYou[0].title)
        presenter.tap(Pick(soto, Section.DISHES))
        val second = presenter.answered() as ShelfState.Ready
        assertEquals(listOf(soto), second.taste.liked)
        assertEquals("soto kambing madura", second.advice.forYou[0].title)
    }

    @Test
    fun `a change shows at once, before it is answered`() {
        val answers = CompletableDeferred<Advisor>()
        val presenter = presenter { answers.await() }
        presenter.change { it.searching("sup") }
        assertEquals(ShelfState.Opening(Taste(query = "sup")), presenter.state.value)
        answers.complete(CannedAdvisor())
        val shown = presenter.answered() as ShelfState.Ready
        assertEquals(listOf("sup ayam jogja"), shown.advice.found?.map { it.title })
    }

    @Test
    fun `an overtaken answer is never shown`() {
        val slow = CompletableDeferred<Unit>()
        val canned = CannedAdvisor()
        val presenter =
            presenter {
                object : Advisor by canned {
                    override suspend fun advise(taste: Taste): Advice {
                        if (taste.query == "slow") slow.await()
                        return canned.advise(taste)
                    }
                }
            }
        presenter.change { it.searching("slow") }
        presenter.change { it.searching("sup") }
        presenter.answered()
        slow.complete(Unit)
        val shown = presenter.answered() as ShelfState.Ready
        assertEquals("sup", shown.taste.query)
        assertEquals(listOf("sup ayam jogja"), shown.advice.found?.map { it.title })
    }

    @Test
    fun `a damaged model is named, and can be tried again`() {
        var attempts = 0
        val presenter = presenter { if (attempts++ == 0) throw damage else CannedAdvisor() }
        val failed = presenter.answered() as ShelfState.Failed
        assertEquals(Trouble.DAMAGED, failed.trouble)
        assertEquals("products.txt: expected digest a, found digest b; build the model again", failed.detail)
        presenter.tap(Pick(soto, Section.DISHES))
        assertTrue(presenter.answered() is ShelfState.Failed)
        presenter.retry()
        assertEquals(listOf(soto), (presenter.answered() as ShelfState.Ready).taste.liked)
        assertEquals(2, attempts)
    }

    @Test
    fun `a failed question does not open the model again`() {
        var attempts = 0
        val canned = CannedAdvisor()
        val presenter =
            presenter {
                attempts++
                object : Advisor by canned {
                    override suspend fun advise(taste: Taste): Advice =
                        if (taste.query == "?") throw refusal else canned.advise(taste)
                }
            }
        presenter.change { it.searching("?") }
        assertEquals(Trouble.REQUEST, (presenter.answered() as ShelfState.Failed).trouble)
        presenter.change { it.searching("") }
        assertTrue(presenter.answered() is ShelfState.Ready)
        assertEquals(1, attempts)
    }

    @Test
    fun `closing closes the model, also one that is only being opened`() {
        val ready = CannedAdvisor()
        presenter { ready }.run {
            answered()
            assertFalse(ready.closed)
            close()
        }
        assertTrue(ready.closed)
    }
}
