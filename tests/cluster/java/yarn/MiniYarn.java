import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * A ResourceManager and NodeManagers in this JVM, on ports of loopback that are free: {@code MiniYarn FOLDER NODES}.
 *
 * <p>Writes what clients need to {@code FOLDER/conf} (their HADOOP_CONF_DIR), prints {@code ready}, and runs until it is killed.
 */
public class MiniYarn {
  /** What a client has to be told, beside where the scheduler listens. */
  private static final String[] FOR_CLIENTS = {
    YarnConfiguration.RM_ADDRESS,
    YarnConfiguration.RM_SCHEDULER_ADDRESS,
    YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS,
    YarnConfiguration.RM_ADMIN_ADDRESS,
    YarnConfiguration.RM_WEBAPP_ADDRESS,
    YarnConfiguration.RM_HOSTNAME,
    "fs.defaultFS",
    "hadoop.tmp.dir"
  };

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int nodes = Integer.parseInt(arguments[1]);
    System.setProperty("test.build.data", folder.resolve("data").toString());
    System.setProperty("test.build.dir", folder.resolve("data").toString());
    MiniYARNCluster cluster = new MiniYARNCluster("yarn", 1, nodes, 1, 1, false);
    cluster.init(settings(folder));
    cluster.start();
    if (!cluster.waitForNodeManagersToConnect(120_000)) throw new IllegalStateException("no NodeManagers");
    tellClients(cluster.getConfig(), folder.resolve("conf"));
    System.out.println("ready");
    Thread.currentThread().join();
  }

  private static Configuration settings(Path folder) {
    Configuration settings = new YarnConfiguration();
    settings.set("fs.defaultFS", "file:///");
    settings.set("hadoop.tmp.dir", folder.resolve("tmp").toString());
    settings.set(YarnConfiguration.RM_HOSTNAME, "127.0.0.1");
    settings.setBoolean(YarnConfiguration.YARN_MINICLUSTER_FIXED_PORTS, false);
    // One queue that a single application may fill, counted in memory alone: the machine may have two cores.
    settings.set("yarn.scheduler.capacity.root.queues", "default");
    settings.set("yarn.scheduler.capacity.root.default.capacity", "100");
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0");
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    // Each node has room for two executors of 640 MB and the application master.
    settings.setInt(YarnConfiguration.NM_PMEM_MB, 2048);
    settings.setInt(YarnConfiguration.NM_VCORES, 8);
    settings.setBoolean(YarnConfiguration.NM_PMEM_CHECK_ENABLED, false);
    settings.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    settings.setBoolean(YarnConfiguration.NM_DISK_HEALTH_CHECK_ENABLE, false);
    return settings;
  }

  private static void tellClients(Configuration cluster, Path folder) throws Exception {
    Configuration told = new Configuration(false);
    for (String name : FOR_CLIENTS) if (cluster.get(name) != null) told.set(name, cluster.get(name));
    Files.createDirectories(folder);
    for (String file : new String[] {"yarn-site.xml", "core-site.xml"})
      try (Writer writer = Files.newBufferedWriter(folder.resolve(file))) {
        told.writeXml(writer);
      }
  }
}
