package com.seefud.sample

import com.seefud.recommender.Reason
import com.seefud.recommender.ReasonKind.LIKED
import com.seefud.recommender.ReasonKind.NEW_PRODUCT
import com.seefud.recommender.ReasonKind.POPULARITY
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class BecauseTest {
    @Test
    fun `the largest share, as a part of what speaks for the dish`() {
        val reasons = listOf(Reason(LIKED, "sate", 0.6f), Reason(LIKED, "soto", 0.2f), Reason(POPULARITY, "", -0.3f))
        assertEquals(Because(LIKED, "sate", 0.75f), because(reasons))
    }

    @Test
    fun `no reason where nothing speaks for the dish`() {
        assertNull(because(emptyList()))
        assertNull(because(listOf(Reason(NEW_PRODUCT, "", -0.08f))))
    }
}
