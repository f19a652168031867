"""YARN on this machine: a ResourceManager and two NodeManagers, which do not see the folders of the library."""

from __future__ import annotations

import re
from pathlib import Path

import java_programs
from namespaces import elsewhere
from standalone import Executor, Leashed, eventually, processes, spark_home


class Yarn:
    """``settings`` and ``environment`` are what a session needs to run here; ``hidden`` folders are empty for all nodes.

    ``close`` ends it with all containers, as does leaving its ``with`` block. A driver must end its session before.
    """

    master = "yarn"

    def __init__(self, folder: Path, *hidden: Path) -> None:
        self._folder = folder
        for name in ("staging", "tmp"):
            (folder / name).mkdir(parents=True)
        program = java_programs.command(
            "yarn", "-Xmx512m", *java_programs.QUICK, f"-Djava.io.tmpdir={folder / 'tmp'}"
        )
        self._cluster = Leashed(folder, "yarn", [*elsewhere(*hidden), *program, str(folder), "2"])
        try:
            eventually(self._is_ready, "YARN's nodes", 240)
        except BaseException:
            self.close()
            print(self._cluster.said()[-3000:])
            raise
        java = str(java_programs.java_home())
        self.environment = {"HADOOP_CONF_DIR": str(folder / "conf")}
        self.settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.yarn.jars": f"local:{spark_home()}/jars/*",
            "spark.yarn.stagingDir": (folder / "staging").as_uri(),
            "spark.yarn.appMasterEnv.JAVA_HOME": java,
            "spark.yarn.am.memory": "512m",
            "spark.yarn.am.extraJavaOptions": " ".join(java_programs.QUICK),
            "spark.executorEnv.JAVA_HOME": java,
            "spark.executor.instances": "2",
            "spark.executor.memory": "512m",
            "spark.executor.extraJavaOptions": " ".join(java_programs.QUICK),
            "spark.executor.memoryOverhead": "128m",
        }

    def _is_ready(self) -> bool:
        assert self._cluster.is_alive(), "YARN has ended"
        return "ready" in self._cluster.said().splitlines()

    @property
    def executors(self) -> list[Executor]:
        """All live executors: their temporary folders lie below this cluster's."""
        found = []
        for pid, _, args in processes():
            told = re.search(r"^\S+/java .*ExecutorBackend .*--executor-id (\S+)", args)
            if told and str(self._folder) in args:
                found.append(Executor(pid, told[1]))
        return found

    def __enter__(self) -> Yarn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._cluster.kill()
