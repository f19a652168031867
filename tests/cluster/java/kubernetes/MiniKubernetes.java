import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An API server in memory, and what stands for the kubelets: each pod that is made becomes a process, an executor of the
 * Spark in SPARK_HOME: {@code MiniKubernetes FOLDER}.
 *
 * <p>A pod that is deleted is killed; one whose process ends gets that as its status. Prints {@code ready} and the address, and
 * runs until it is killed.
 */
public class MiniKubernetes implements Watcher<Pod> {
  private final Path folder;
  private final NamespacedKubernetesClient client;
  private final Map<String, Process> pods = new ConcurrentHashMap<>();

  private MiniKubernetes(Path folder, NamespacedKubernetesClient client) {
    this.folder = folder;
    this.client = client;
  }

  public static void main(String[] arguments) throws Exception {
    KubernetesMockServer server =
        new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    server.init(InetAddress.getByName("127.0.0.1"), 0);
    NamespacedKubernetesClient client = server.createClient();
    client.pods().inAnyNamespace().watch(new MiniKubernetes(Path.of(arguments[0]), client));
    System.out.println("ready http://127.0.0.1:" + server.getPort());
    Thread.currentThread().join();
  }

  @Override
  public void eventReceived(Action action, Pod pod) {
    String name = pod.getMetadata().getName();
    if (action == Action.DELETED) {
      Process process = pods.remove(name);
      if (process != null) process.destroyForcibly();
    } else if (action == Action.ADDED && !pods.containsKey(name)) {
      try {
        run(pod);
      } catch (Exception error) {
        error.printStackTrace();
      }
    }
  }

  @Override
  public void onClose(WatcherException error) {
    System.out.println("the watch has ended: " + error);
  }

  private void run(Pod pod) throws Exception {
    String name = pod.getMetadata().getName();
    Container container = pod.getSpec().getContainers().get(0);
    Map<String, String> environment = new HashMap<>();
    // What has no value is the pod's own address.
    for (EnvVar variable : container.getEnv())
      environment.put(variable.getName(), variable.getValue() == null ? "127.0.0.1" : variable.getValue());
    Path home = Files.createDirectories(folder.resolve(name));
    ProcessBuilder builder =
        new ProcessBuilder(executor(name, environment))
            .directory(Files.createDirectories(home.resolve("work")).toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("SPARK_LOCAL_DIRS", Files.createDirectories(home.resolve("local")).toString());
    Process process = builder.start();
    pods.put(name, process);
    tell(pod, "Running", null);
    process.onExit().thenAccept(ended -> tell(pod, ended.exitValue() == 0 ? "Succeeded" : "Failed", ended.exitValue()));
  }

  /** What the entry point of Spark's image does with `executor`. */
  private static List<String> executor(String pod, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    for (int number = 0; environment.containsKey("SPARK_JAVA_OPT_" + number); number++)
      command.add(environment.get("SPARK_JAVA_OPT_" + number));
    command.addAll(
        List.of(
            "-Xmx" + environment.get("SPARK_EXECUTOR_MEMORY"),
            "-cp",
            System.getenv("SPARK_HOME") + "/jars/*",
            "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
            "--driver-url",
            environment.get("SPARK_DRIVER_URL"),
            "--executor-id",
            environment.get("SPARK_EXECUTOR_ID"),
            "--cores",
            environment.get("SPARK_EXECUTOR_CORES"),
            "--app-id",
            environment.get("SPARK_APPLICATION_ID"),
            "--hostname",
            "127.0.0.1",
            "--resourceProfileId",
            environment.getOrDefault("SPARK_RESOURCE_PROFILE_ID", "0"),
            "--podName",
            pod));
    return command;
  }

  /** Sets the status of a pod, unless it has been deleted. */
  private void tell(Pod pod, String phase, Integer exitCode) {
    ContainerStatusBuilder status =
        new ContainerStatusBuilder().withName(pod.getSpec().getContainers().get(0).getName()).withReady(exitCode == null);
    if (exitCode == null) status.withNewState().withNewRunning().endRunning().endState();
    else status.withNewState().withNewTerminated().withExitCode(exitCode).endTerminated().endState();
    try {
      // By name: what the watch has told of the pod is older than its last status.
      client
          .pods()
          .inNamespace(pod.getMetadata().getNamespace())
          .withName(pod.getMetadata().getName())
          .editStatus(
              found ->
                  new PodBuilder(found)
                      .withNewStatus()
                      .withPhase(phase)
                      .withPodIP("127.0.0.1")
                      .withContainerStatuses(status.build())
                      .endStatus()
                      .build());
    } catch (RuntimeException gone) {
      System.out.println(pod.getMetadata().getName() + ": " + gone);
    }
  }
}
