import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Roundtrip BOOTSTRAP TOPIC COUNT: writes COUNT records to partition 0 and prints what it reads back, one value a line. */
class Roundtrip {
  public static void main(String[] args) throws Exception {
    var topic = args[1];
    int count = Integer.parseInt(args[2]);
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", args[0]), new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < count; i++) producer.send(new ProducerRecord<>(topic, 0, "k" + i, "v" + i)).get();
    }
    Map<String, Object> reading = Map.of("bootstrap.servers", args[0], "auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      for (int read = 0; read < count; ) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          System.out.println(record.value());
          read++;
        }
      }
    }
  }
}
