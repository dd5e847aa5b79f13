import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.MetadataLogConfig;
import org.apache.kafka.raft.internals.KafkaRaftLog;
import org.apache.kafka.server.common.OffsetAndEpoch;
import org.apache.kafka.server.util.KafkaScheduler;

/** RaftLogs DIRECTORY: reads how logs of the quorum came to be and what others ask of them, a line of JSON each, and writes Kafka's answers. */
class RaftLogs {
  static final ObjectMapper json = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    var scheduler = new KafkaScheduler(1);
    scheduler.startup();
    var in = new BufferedReader(new InputStreamReader(System.in));
    int count = 0;
    for (String line; (line = in.readLine()) != null; ) {
      var parent = Path.of(args[0], "log-" + count++);
      var directory = Files.createDirectories(parent.resolve("__cluster_metadata-0"));
      var config = new MetadataLogConfig(new AbstractConfig(MetadataLogConfig.CONFIG_DEF, Map.of(), false));
      var partition = new TopicPartition("__cluster_metadata", 0);
      var log = KafkaRaftLog.createLog(partition, Uuid.METADATA_TOPIC_ID, directory.toFile(), Time.SYSTEM, scheduler, config, 1);
      System.out.println(json.writeValueAsString(answers(log, json.readTree(line))));
      log.close();
    }
    scheduler.shutdown();
    System.exit(0);
  }

  static ArrayNode answers(KafkaRaftLog log, JsonNode asked) {
    for (var step : asked.get("steps")) {
      if (step.has("append")) {
        int epoch = step.get("append").asInt();
        log.initializeLeaderEpoch(epoch);
        var records = IntStream.range(0, step.get("count").asInt()).mapToObj(n -> new SimpleRecord(("" + n).getBytes())).toArray(SimpleRecord[]::new);
        log.appendAsLeader(MemoryRecords.withRecords(log.endOffset().offset(), Compression.NONE, epoch, records), epoch);
      } else {
        var id = id(step.get("snapshot"));
        log.updateHighWatermark(new LogOffsetMetadata(id.offset()));
        var writer = log.createNewSnapshotUnchecked(id).orElseThrow();
        writer.freeze();
        writer.close();
        if (step.get("clean").asBoolean()) log.deleteBeforeSnapshot(id);
      }
    }
    var answers = json.createArrayNode();
    answers.add(log.startOffset());
    answers.add(log.endOffset().offset());
    answers.add(log.lastFetchedEpoch());
    for (var question : asked.get("questions")) {
      var from = id(question);
      var end = log.endOffsetForEpoch(from.epoch());
      var valid = log.validateOffsetAndEpoch(from.offset(), from.epoch());
      var answer = answers.addArray();
      answer.add(end.offset()).add(end.epoch()).add(valid.kind().toString().toLowerCase());
      if (!valid.kind().toString().equals("VALID")) answer.add(valid.offsetAndEpoch().offset()).add(valid.offsetAndEpoch().epoch());
    }
    try {
      answers.add(log.truncateToEndOffset(id(asked.get("cut"))));
    } catch (IllegalArgumentException refused) {
      answers.add("refused");
    }
    return answers;
  }

  static OffsetAndEpoch id(JsonNode text) {
    return new OffsetAndEpoch(text.get("offset").asLong(), text.get("epoch").asInt());
  }
}
