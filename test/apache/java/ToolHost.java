import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Queue;
import java.util.Scanner;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's tools one after the other in one process, which saves a start of Java each. A line of standard input is a call: the
 * class, the standard input and the arguments, in base64, separated by blanks. A line of standard output is how it ended: exit code,
 * standard output, standard error.
 */
public class ToolHost {
    private static String decoded(String word) {
        return new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8);
    }

    private static String encoded(ByteArrayOutputStream bytes) {
        return "=" + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /** Log4j has to be configured to follow changes of standard error. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        Scanner calls = new Scanner(System.in, StandardCharsets.UTF_8);
        while (calls.hasNextLine()) {
            String[] call = calls.nextLine().split(" ");
            String[] words = Arrays.stream(call).map(ToolHost::decoded).toArray(String[]::new);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            System.setIn(new ByteArrayInputStream(Base64.getDecoder().decode(call[1].substring(1))));
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            CountDownLatch ended = new CountDownLatch(1);
            AtomicInteger code = new AtomicInteger();
            // Nothing may run after an exit: the thread that asks for one stops there for good.
            Exit.Procedure exit = (status, message) -> {
                code.set(status);
                ended.countDown();
                while (true) {
                    try {
                        Thread.sleep(Long.MAX_VALUE);
                    } catch (InterruptedException ignored) {
                        // stays
                    }
                }
            };
            Exit.setExitProcedure(exit);
            Exit.setHaltProcedure(exit);
            Queue<Runnable> hooks = new ConcurrentLinkedQueue<>();
            Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
            Thread thread = new Thread(() -> {
                try {
                    Class.forName(words[0]).getMethod("main", String[].class).invoke(null, (Object) Arrays.copyOfRange(words, 2, words.length));
                } catch (java.lang.reflect.InvocationTargetException e) {
                    System.err.print("Exception in thread \"main\" ");
                    e.getCause().printStackTrace(System.err);
                    code.set(1);
                } catch (ReflectiveOperationException e) {
                    e.printStackTrace(System.err);
                    code.set(99);
                }
                ended.countDown();
            }, "main");
            thread.setDaemon(true);
            thread.start();
            ended.await();
            Thread last = new Thread(() -> hooks.forEach(Runnable::run), "hooks");
            last.setDaemon(true);
            last.start();
            last.join(10_000);
            answers.println(code.get() + " " + encoded(out) + " " + encoded(err));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }
}
