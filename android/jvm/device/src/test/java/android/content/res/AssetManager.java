package android.content.res;

import java.io.IOException;
import java.io.InputStream;

/** Stands in for Android's class; tests say what an app holds. */
public abstract class AssetManager {
    public abstract AssetFileDescriptor openFd(String name) throws IOException;

    public abstract InputStream open(String name) throws IOException;

    public abstract String[] list(String folder) throws IOException;
}
