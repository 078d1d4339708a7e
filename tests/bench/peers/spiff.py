"""SpiffWorkflow with an instance as JSON in the item's row; the process is parsed once and kept."""

from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.util.task import TaskState

from tests.bench.floor_a import HISTORY, MOVE, NOW, OUTBOX, PARAMS, named
from tests.bench.peers.child import arguments
from tests.bench.peers.raw_rows import GROWN, RawRows

PROCESS = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"
 targetNamespace="http://bpmn.io/schema/bpmn"><bpmn:process id="nomination" isExecutable="true">
<bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
<bpmn:manualTask id="submitted"><bpmn:incoming>f1</bpmn:incoming>
<bpmn:outgoing>f2</bpmn:outgoing></bpmn:manualTask>
<bpmn:manualTask id="department_approved">
<bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:manualTask>
<bpmn:endEvent id="end"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="submitted"/>
<bpmn:sequenceFlow id="f2" sourceRef="submitted" targetRef="department_approved"/>
<bpmn:sequenceFlow id="f3" sourceRef="department_approved" targetRef="end"/>
</bpmn:process></bpmn:definitions>"""


def _spec() -> Any:
    parser = BpmnParser()
    parser.add_bpmn_str(PROCESS)
    return parser.get_spec("nomination")


SPEC = _spec()


class InstanceAlone(BpmnWorkflowConverter):
    """Keeps what an instance is, and not again the process that all share: twice as fast."""

    def to_dict(self, workflow: Any) -> dict[str, Any]:
        found = WorkflowConverter.to_dict(self, workflow)
        return {**found, "subprocesses": {}, "bpmn_events": []}

    def from_dict(self, dct: dict[str, Any]) -> Any:
        return super().from_dict({**dct, "spec": SPEC})


SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: InstanceAlone})
)


class Peer:
    """Select, restore, complete the task, guarded update with the new JSON, history and outbox."""

    rows = GROWN

    def __init__(self) -> None:
        self._tables = RawRows(*arguments())
        lock = "" if self._tables.style == "sqlite" else " FOR UPDATE"
        texts = (f"SELECT data FROM a_items WHERE id = {{id}}{lock}", MOVE, HISTORY, OUTBOX)
        self._sql = [named(each, self._tables.style) for each in texts]

    def fill(self, count: int) -> list[int]:
        workflow = BpmnWorkflow(SPEC)
        workflow.do_engine_steps()
        return self._tables.fill(count, SERIALIZER.serialize_json(workflow))

    def decide(self, key: int) -> None:
        select, move, history, outbox = self._sql
        cursor = self._tables.begin()
        cursor.execute(select, {"id": key})
        workflow = SERIALIZER.deserialize_json(cursor.fetchone()[0])
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        assert task.task_spec.name == "submitted"
        task.run()
        workflow.do_engine_steps()
        cursor.execute(move, {"id": key, "data": SERIALIZER.serialize_json(workflow)})
        assert cursor.rowcount == 1
        cursor.execute(history, {"id": key, "now": NOW})
        cursor.execute(outbox, {"key": f"task:{key}", "params": PARAMS})
        self._tables.connection().commit()

    def counts(self) -> dict[str, int]:
        return self._tables.counts()
