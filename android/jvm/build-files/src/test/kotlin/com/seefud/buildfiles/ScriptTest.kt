package com.seefud.buildfiles

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.tomlj.Toml

/** The Gradle scripts, setting by setting: a value that is changed, added or taken away must be changed here too. */
class ScriptTest {
    private val catalogue = Toml.parse(MavenBuild.file("gradle/libs.versions.toml").toPath())

    @Test
    fun `settings name the three modules where they are`() {
        val expected = listOf(
            "pluginManagement.repositories.google",
            "pluginManagement.repositories.mavenCentral",
            "pluginManagement.repositories.gradlePluginPortal",
            "dependencyResolutionManagement.repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS",
            "dependencyResolutionManagement.repositories.google",
            "dependencyResolutionManagement.repositories.mavenCentral",
            "rootProject.name = seefud",
            "include = :core, :recommender, :sample",
            "project(:core).projectDir = file(android/core)",
            "project(:recommender).projectDir = file(android/recommender)",
            "project(:sample).projectDir = file(android/sample)",
        )
        assertEquals(expected, settings("settings.gradle"))
        for (module in listOf("core", "recommender", "sample")) {
            assertTrue(module, MavenBuild.file("android/$module/build.gradle").isFile)
            assertTrue(module, MavenBuild.file("android/$module/src/main/kotlin").isDirectory)
        }
    }

    @Test
    fun `the root brings the plugins and what both publications share`() {
        val publishing = "subprojects.pluginManager.withPlugin(maven-publish).publishing"
        val license = "$publishing.publications.withType(MavenPublication).configureEach.pom.licenses.license"
        val expected = listOf(
            "plugins.alias(libs.plugins.android.application).apply = false",
            "plugins.alias(libs.plugins.android.library).apply = false",
            "plugins.alias(libs.plugins.kotlin.jvm).apply = false",
            "$publishing.repositories.maven.name = build",
            "$publishing.repositories.maven.url = rootProject.layout.buildDirectory.dir(repository)",
            "$license.name = Apache-2.0",
            "$license.url = https://www.apache.org/licenses/LICENSE-2.0.txt",
        )
        assertEquals(expected, settings("build.gradle"))
        assertTrue(MavenBuild.file("LICENSE").readText().contains("Apache License"))
    }

    @Test
    fun `core is plain Kotlin for Java 11, published as recommender-core`() {
        val release = "publishing.publications.register(release, MavenPublication)"
        val expected = listOf(JVM_TARGET_IMPORT, "plugins.alias = libs.plugins.kotlin.jvm", "plugins.id = maven-publish") +
            levels("java") + "java.withSourcesJar" + kotlin(explicitApi = true) + listOf(
                "dependencies.testImplementation = libs.junit",
                "dependencies.testImplementation = libs.gson",
                "tasks.named(test).systemProperty = fixtures, rootProject.file(build/fixtures).path",
                "tasks.named(test).systemProperty = project.root, rootDir.path",
                "$release.artifactId = recommender-core",
                "$release.pom.name = Seefud recommender, core",
                "$release.pom.description = Bundle, text, profile and ranking of Seefud models, in plain Kotlin.",
                "$release.from = components.java",
            )
        assertEquals(expected, settings("android/core/build.gradle"))
        assertEquals("core needs no more", setOf("kotlin-stdlib"), MavenBuild.dependencies("core"))
    }

    @Test
    fun `the library is compiled as it was here, and takes its rules along`() {
        val release = "publishing.publications.register(release, MavenPublication)"
        val expected = listOf(
            JVM_TARGET_IMPORT,
            "plugins.alias = libs.plugins.android.library",
            "plugins.id = maven-publish",
            "android.namespace = ${aarManifest("package")}",
            "android.compileSdk = ${MavenBuild.compileSdk}",
            "android.defaultConfig.minSdk = ${aarManifest("android:minSdkVersion")}",
            "android.defaultConfig.consumerProguardFiles = consumer-rules.pro",
        ) + levels("android.compileOptions") + NO_TESTS + listOf(
            "android.publishing.singleVariant(release).withSourcesJar",
        ) + kotlin(explicitApi = true) + listOf(
            "dependencies.api = project(:core)",
            "dependencies.implementation = libs.litert",
            "dependencies.implementation = libs.coroutines.core",
            "$release.artifactId = recommender",
            "$release.pom.name = Seefud recommender",
            "$release.pom.description = Ranks products on the device with one file, a Seefud model.",
            "$release.afterEvaluate.from = components.release",
        )
        assertEquals(expected, settings("android/recommender/build.gradle"))
        assertTrue(MavenBuild.file("android/recommender/consumer-rules.pro").isFile)
        val dependencies = setOf("core", "kotlin-stdlib", "kotlinx-coroutines-core-jvm")
        assertEquals(dependencies, MavenBuild.dependencies("recommender"))
    }

    @Test
    fun `the sample is compiled and packed as it was here`() {
        val expected = listOf(
            "import javax.inject.Inject",
            JVM_TARGET_IMPORT,
            "plugins.alias = libs.plugins.android.application",
            "android.namespace = ${MavenBuild.badging["name"]}",
            "android.compileSdk = ${MavenBuild.compileSdk}",
            "android.defaultConfig.applicationId = ${MavenBuild.badging["name"]}",
            "android.defaultConfig.minSdk = ${MavenBuild.badging["sdkVersion"]}",
            "android.defaultConfig.targetSdk = ${MavenBuild.badging["targetSdkVersion"]}",
            "android.defaultConfig.versionCode = ${MavenBuild.badging["versionCode"]}",
            "android.defaultConfig.versionName = project.version",
            "android.buildTypes.release.minifyEnabled = true",
            "android.buildTypes.release.shrinkResources = true",
            "android.buildTypes.release.proguardFiles = getDefaultProguardFile(proguard-android-optimize.txt)",
        ) + levels("android.compileOptions") + "android.androidResources.noCompress.add = tflite" + NO_TESTS +
            kotlin(explicitApi = false) + listOf(
                "dependencies.implementation = project(:recommender)",
                "dependencies.implementation = libs.coroutines.android",
            )
        assertEquals(expected, settings("android/sample/build.gradle").filterNot { "odelAsset" in it })
    }

    @Test
    fun `the sample's asset is the file that make model writes, by the name that the app opens`() {
        val make = "ModelAsset.make"
        val task = "modelAsset: tasks.register(modelAsset, ModelAsset)"
        val expected = listOf(
            "$task.sources.from = rootProject.file(Makefile), rootProject.file(python/requirements.lock), " +
                "rootProject.fileTree(data, { include = *.csv }), rootProject.fileTree(python, { include = **/*.py }), " +
                "rootProject.fileTree(converter, { include = **/*.py })",
            "$task.root = rootProject.layout.projectDirectory",
            "$task.built = layout.buildDirectory.dir(model)",
            "androidComponents.onVariants(selector().all()).variant.sources.assets" +
                ".addGeneratedSourceDirectory(modelAsset).it.assets",
            "ModelAsset.getSources = @InputFiles @PathSensitive(PathSensitivity.RELATIVE) ConfigurableFileCollection",
            "ModelAsset.getRoot = @Internal DirectoryProperty",
            "ModelAsset.getBuilt = @Internal DirectoryProperty",
            "ModelAsset.getAssets = @OutputDirectory DirectoryProperty",
            "ModelAsset.getProcesses = @Inject ExecOperations",
            "ModelAsset.getFiles = @Inject FileSystemOperations",
            "$make = @TaskAction void",
            "$make.processes.exec.workingDir = root.get().asFile",
            "$make.processes.exec.commandLine = make, model, OUT=${'$'}{built.get().asFile}, OPTIONS=--with-ingredients",
            "$make.files.sync.from = built",
            "$make.files.sync.include = seefud.tflite",
            "$make.files.sync.into = assets",
        )
        assertEquals(expected, settings("android/sample/build.gradle").filter { "odelAsset" in it })
        val sources = MavenBuild.file("android/sample/src/main/kotlin").walk().filter { it.extension == "kt" }
        assertTrue(sources.any { "\"seefud.tflite\"" in it.readText() })
        val makefile = MavenBuild.file("Makefile").readText()
        assertTrue("OUT and OPTIONS of `make model`", Regex("seefud build .*--out \\$\\(OUT\\).*\\$\\(OPTIONS\\)").containsMatchIn(makefile))
        for (input in listOf("python/requirements.lock", "data/product3.csv", "converter/pyproject.toml")) {
            assertTrue(input, MavenBuild.file(input).isFile)
        }
    }

    @Test
    fun `no manifest says what the build files say`() {
        val manifest = MavenBuild.file("android/sample/src/main/AndroidManifest.xml").readText()
        for (word in listOf("package=", "uses-sdk", "versionCode", "permission")) {
            assertTrue(word, word !in manifest.replace(Regex("<!--.*?-->", RegexOption.DOT_MATCHES_ALL), ""))
        }
    }

    @Test
    fun `what was compiled here was as strict as Gradle's build is`() {
        assertEquals("strict", MavenBuild.explicitApi)
        assertTrue("-Werror" in MavenBuild.file("android/jvm/pom.xml").readText())
    }

    private fun settings(path: String): List<String> =
        GradleScript(MavenBuild.file(path)) { catalogue.getTable("versions")!!.getString(it)!! }.settings

    private fun levels(block: String) = listOf("source", "target").map {
        "$block.${it}Compatibility = JavaVersion.toVersion(${MavenBuild.bytecode.single()})"
    }

    private fun kotlin(explicitApi: Boolean) = listOf("kotlin.explicitApi").filter { explicitApi } + listOf(
        "kotlin.compilerOptions.jvmTarget = JvmTarget.fromTarget(${MavenBuild.bytecode.single()})",
        "kotlin.compilerOptions.allWarningsAsErrors = true",
    )

    private fun aarManifest(attribute: String): String {
        val manifest = MavenBuild.file("android/jvm/packaging/src/aar/AndroidManifest.xml").readText()
        return Regex("$attribute=\"([^\"]+)\"").find(manifest)!!.groupValues[1]
    }

    private companion object {
        const val JVM_TARGET_IMPORT = "import org.jetbrains.kotlin.gradle.dsl.JvmTarget"
        val NO_TESTS = listOf(
            "android.sourceSets.test.java.directories.clear",
            "android.sourceSets.test.kotlin.directories.clear",
        )
    }
}
