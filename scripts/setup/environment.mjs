// The environment of every process that the scripts start: the caller's own Spark, Python and Jupyter settings stay
// outside, so that a run means the same on every machine.
import { delimiter, join } from 'node:path';
import { cache, inCheckout, venv, venvBin, venvPython } from './checkout.mjs';

const foreign =
  /^(SPARK|PYSPARK|PYTHON|JUPYTER|IPYTHON|AUTOEGG|HADOOP|YARN|JDK_JAVA|JAVA_TOOL|_JAVA)(_|[A-Z])|^(VIRTUAL_ENV|CONDA_PREFIX|MASTER|CLASSPATH)$/;

/** The caller's environment without the settings that would change what Python, Spark or Jupyter do. */
export function neutralEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/**
 * The environment for a process of one Python environment of the checkout.
 *
 * `java` is the home of the Java to use. The network name of the machine is left out of Spark (loopback only), because
 * laptops on a VPN often cannot resolve it.
 */
export function pythonEnvironment(name, { java, chromium } = {}) {
  const jupyter = join(cache, 'jupyter');
  const loopback = [process.env.NO_PROXY ?? process.env.no_proxy, 'localhost', '127.0.0.1']
    .filter(Boolean)
    .join(',');
  const env = {
    ...neutralEnvironment(),
    VIRTUAL_ENV: venv(name),
    PATH: [venvBin(name), inCheckout('node_modules', '.bin'), process.env.PATH].join(delimiter),
    PYSPARK_PYTHON: venvPython(name),
    PYSPARK_DRIVER_PYTHON: venvPython(name),
    SPARK_LOCAL_IP: '127.0.0.1',
    NO_PROXY: loopback,
    no_proxy: loopback,
    XDG_CACHE_HOME: join(cache, 'xdg'),
    JUPYTER_CONFIG_DIR: join(jupyter, 'config'),
    JUPYTER_DATA_DIR: join(jupyter, 'data'),
    JUPYTER_RUNTIME_DIR: join(jupyter, 'runtime'),
    IPYTHONDIR: join(jupyter, 'ipython')
  };
  if (java) env.JAVA_HOME = java;
  if (chromium) env.CHROMIUM = chromium;
  return env;
}
