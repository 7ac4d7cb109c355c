package com.seefud.recommender

/** The log of interactions could not do what it was asked to. */
public sealed class LogException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : RecommenderException(where, expected, found, remedy, cause)

/** The disk is full. Nothing of what was to be written was; the log can be used on. */
public class LogFullException(where: String, expected: String, found: String, remedy: String, cause: Throwable) :
    LogException(where, expected, found, remedy, cause)

/** The file of the log can be neither read nor written, such as for lack of permission. */
public class LogFailureException(where: String, expected: String, found: String, remedy: String, cause: Throwable) :
    LogException(where, expected, found, remedy, cause)

/** The log was closed before, or while, it was asked. */
public class ClosedLogException(where: String, expected: String, found: String, remedy: String) :
    LogException(where, expected, found, remedy)
