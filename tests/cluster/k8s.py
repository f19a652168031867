"""Kubernetes on this machine: an API server in memory, and executor pods as processes that do not see the library."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import java_programs
from namespaces import elsewhere
from standalone import Executor, Leashed, eventually, processes, spark_home

_STARTED = re.compile(r"^ready (http://\S+)", re.MULTILINE)


class Kubernetes:
    """``master``, ``settings`` and ``environment`` are what a session needs to run here; pods see ``hidden`` folders empty.

    ``close`` ends it with all pods, as does leaving its ``with`` block. A driver must end its session before.
    """

    def __init__(self, folder: Path, *hidden: Path) -> None:
        self._folder = folder
        (folder / "pods").mkdir(parents=True)
        program = java_programs.command("kubernetes", "-Xmx256m", *java_programs.QUICK)
        environment = {"SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1"}
        environment["PYSPARK_PYTHON"] = sys.executable
        self._cluster = Leashed(
            folder, "kubernetes", [*elsewhere(*hidden), *program, str(folder / "pods")], **environment
        )
        try:
            address = eventually(lambda: _STARTED.search(self._said()), "the API server", 240)[1]
        except BaseException:
            self.close()
            print(self._cluster.said()[-3000:])
            raise
        self.master = f"k8s://{address}"
        self.environment = {"KUBECONFIG": str(folder / "no-kubeconfig")}
        self.settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.kubernetes.container.image": "none",
            "spark.kubernetes.executor.request.cores": "0.1",
            "spark.executor.instances": "2",
            "spark.executor.memory": "512m",
            "spark.executor.extraJavaOptions": " ".join(java_programs.QUICK),
        }

    def _said(self) -> str:
        assert self._cluster.is_alive(), "the API server has ended"
        return self._cluster.said()

    @property
    def executors(self) -> list[Executor]:
        """All live executors: the processes of this cluster's pods."""
        found = []
        for pid, _, args in processes():
            told = re.search(r"^\S+/java .*KubernetesExecutorBackend .*--executor-id (\S+)", args)
            if told and Path(f"/proc/{pid}/cwd").resolve().is_relative_to(self._folder):
                found.append(Executor(pid, told[1]))
        return found

    def __enter__(self) -> Kubernetes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._cluster.kill()
