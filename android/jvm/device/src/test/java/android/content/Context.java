package android.content;

import android.content.res.AssetManager;

/** Stands in for Android's class. */
public abstract class Context {
    public abstract AssetManager getAssets();
}
