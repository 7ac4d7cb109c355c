package com.seefud.recommender

/**
 * Every mistake that the library knows. The message is complete: where it happened, what was expected, what was found
 * and what to do about it. Unchecked, so that Java callers need not declare it.
 *
 * @property where the file, tensor or argument that is wrong
 * @property expected what should have been there
 * @property found what was there
 * @property remedy what the reader of the message can do
 */
public sealed class RecommenderException(
    public val where: String,
    public val expected: String,
    public val found: String,
    public val remedy: String,
    cause: Throwable? = null,
) : RuntimeException("$where: expected $expected, found $found; $remedy", cause)

/** A file that should be a model of this library cannot be trusted. */
public sealed class BundleException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : RecommenderException(where, expected, found, remedy, cause)

/** The bytes are not a TFLite flatbuffer at all. */
public class NotAModelException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** The file ends before its parts do. */
public class TruncatedException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** A TFLite model, but not one that `seefud build` wrote. */
public class ForeignModelException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** The archive at the end is damaged or is not in the one form that the converter writes. */
public class ArchiveException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** The file declares more entries or bytes than any honest model holds. */
public class OversizedException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** The file or asset, or a part that it must hold, is not there. */
public class MissingFileException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** The archive holds a file that `bundle.json` does not list. */
public class UnexpectedFileException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** `bundle.json` is not JSON, or a field of it is missing or of the wrong kind. */
public class DocumentException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** The file was written by a newer toolchain than this library reads. */
public class NewerSchemaException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** The SHA-256 of a part differs from the one that `bundle.json` records. */
public class DigestMismatchException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** A line of a vocabulary is empty, repeated or not UTF-8. */
public class VocabularyException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** A vocabulary has more or fewer lines than the model has rows. */
public class VocabularySizeException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** One of the four signatures is absent. */
public class MissingSignatureException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** A tensor of a signature, or a table, has another name, type or shape than the contract says. */
public class WrongTensorException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** A weight or a scale is not a finite number, or a scale is not positive. */
public class NonFiniteException(where: String, expected: String, found: String, remedy: String) :
    BundleException(where, expected, found, remedy)

/** The asset was compressed when the app was packed, so it cannot be mapped into memory. */
public class CompressedAssetException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : BundleException(where, expected, found, remedy, cause)

/** The recommender was closed before, or while, it was asked. */
public class ClosedRecommenderException(where: String, expected: String, found: String, remedy: String) :
    RecommenderException(where, expected, found, remedy)

/** A function that blocks was called on the main thread, where it would stop the screen. */
public class MainThreadException(where: String, expected: String, found: String, remedy: String) :
    RecommenderException(where, expected, found, remedy)

/** A question cannot be answered as it was asked: a list of no length, a weight that is not a number, and the like. */
public class InvalidRequestException(where: String, expected: String, found: String, remedy: String) :
    RecommenderException(where, expected, found, remedy)

/** The TFLite runtime is absent, or refused a model whose every part had been checked. */
public class RuntimeFailureException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : RecommenderException(where, expected, found, remedy, cause)
