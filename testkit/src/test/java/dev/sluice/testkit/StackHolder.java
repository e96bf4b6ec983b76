package dev.sluice.testkit;

import java.util.concurrent.CountDownLatch;

/// Runs a whole stack and never closes it; killed by [GuardIT].
final class StackHolder {
    private StackHolder() {}

    public static void main(String[] arguments) throws InterruptedException {
        var stack = LocalStack.start(StackOptions.everything().withName("guard"));
        var pods =
                PodAddresses.obstacle().isEmpty()
                        ? PodAddresses.claim(stack.folder()).cidr()
                        : "nowhere";
        System.out.println("up, pods at " + pods);
        new CountDownLatch(1).await();
    }
}
