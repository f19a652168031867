// A configuration folder for the Sparks of the tests. It has no setting of Spark: only options for its JVMs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from '../setup/checkout.mjs';

// The JVMs of the tests live for seconds. Without the optimizing compiler and with one thread for garbage, a session with a
// few small jobs took 29 s of CPU instead of 48 on local[2], and 50 instead of 99 on local-cluster (JDK 17, Spark 4.3).
const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * Makes the folder; SPARK_CONF_DIR is to name it. Spark's launcher gives the options in its file `java-opts` to the driver, to
 * executors and to daemons (AbstractCommandBuilder.buildJavaCommand), and unlike JDK_JAVA_OPTIONS they print nothing.
 */
export function sparkConf() {
  const folder = join(cache, 'spark-conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'java-opts'), `${options.join(' ')}\n`);
  return folder;
}
