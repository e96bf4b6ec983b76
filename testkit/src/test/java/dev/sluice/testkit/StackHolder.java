package dev.sluice.testkit;

import java.util.concurrent.CountDownLatch;

/// Runs a whole stack and never closes it; killed by [GuardIT].
final class StackHolder {
    private StackHolder() {}

    public static void main(String[] arguments) throws InterruptedException {
        LocalStack.start(StackOptions.everything().withName("guard"));
        System.out.println("up");
        new CountDownLatch(1).await();
    }
}
