package android.os;

/** Stands in for Android's class: tests name the thread that is to be the main one. */
public final class Looper {
    private static volatile Looper main;
    private final Thread thread = Thread.currentThread();

    private Looper() {}

    public static void prepareMainLooper() {
        main = new Looper();
    }

    public static Looper getMainLooper() {
        return main;
    }

    public Thread getThread() {
        return thread;
    }
}
