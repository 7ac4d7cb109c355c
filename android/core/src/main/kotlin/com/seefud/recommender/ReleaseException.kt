package com.seefud.recommender

/** A model is no release that this app may take. */
public sealed class ReleaseException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : RecommenderException(where, expected, found, remedy, cause)

/** The signature file has another form than the only one there is. */
public class SignatureFormException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The signature file has a schema that this library does not know. */
public class NewerSignatureSchemaException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** It names a key that is not among the trusted ones. */
public class UnknownKeyException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The named key did not sign what the signature file says. */
public class WrongSignatureException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The release is not newer than one that was here before. */
public class RollbackException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The file has another number of bytes than the signed one. */
public class WrongSizeException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The file has other bytes than the signed one. */
public class WrongDigestException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The file calls itself another model than the signature does. */
public class WrongModelException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** The file needs a newer TFLite runtime than the oldest one that this library works with. */
public class NewerRuntimeException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** On this phone the model gives other answers than those that were written into it when it was made. */
public class WrongAnswerException(where: String, expected: String, found: String, remedy: String) :
    ReleaseException(where, expected, found, remedy)

/** A key that should be trusted is no public key of P-256. */
public class InvalidKeyException(
    where: String,
    expected: String,
    found: String,
    remedy: String,
    cause: Throwable? = null,
) : ReleaseException(where, expected, found, remedy, cause)

/** The folder of the models cannot be read or written, such as for a full disk. What ran before still runs. */
public class StoreFailureException(where: String, expected: String, found: String, remedy: String, cause: Throwable) :
    ReleaseException(where, expected, found, remedy, cause)
