package com.seefud.recommender

/** A line is no exported event: not JSON, or a part of it is missing or wrong. */
public class InvalidEventException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : RecommenderException(where, expected, found, remedy, cause)

/** An exported event has a newer schema than this library reads. */
public class NewerEventException(where: String, expected: String, found: String, remedy: String) :
    RecommenderException(where, expected, found, remedy)
