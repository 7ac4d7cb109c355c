package com.seefud.sample

import org.junit.Assert.assertEquals
import org.junit.Test

class AxisTest {
    @Test
    fun `the axis ends at the first round number that holds every bar`() {
        val ends = listOf(emptyList(), listOf(0.04f, 0.1f), listOf(0.11f), listOf(0.3f), listOf(0.51f), listOf(1f))
        assertEquals(listOf(0.1f, 0.1f, 0.25f, 0.5f, 1f, 1f), ends.map(::axisEnd))
    }
}
