/** The version of tkafka, as package.json has it: a test compares them. */
export const version = '0.1.0'

/** The release of Apache Kafka whose behaviour, names and defaults this is. */
export const kafkaVersion = '4.3.1'
