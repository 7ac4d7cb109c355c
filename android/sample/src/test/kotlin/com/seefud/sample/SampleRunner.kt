package com.seefud.sample

import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/** The TFLite runtime holds native memory, so one copy of its classes serves every API level. */
class SampleRunner(type: Class<*>) : RobolectricTestRunner(type) {
    override fun createClassLoaderConfig(method: FrameworkMethod): InstrumentationConfiguration =
        InstrumentationConfiguration
            .Builder(super.createClassLoaderConfig(method))
            .doNotAcquirePackage("org.tensorflow.")
            .doNotAcquirePackage("com.sun.jna.")
            .build()
}
