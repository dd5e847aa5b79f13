import type { BrokerLatency } from '../sample.ts'

/** Reads a page of the network. Rejects when it cannot. */
export type ReadPage = (url: string) => Promise<string>

const seriesPattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)/

/**
 * What is wanted of a metrics page in Prometheus' text format: the names of jmx_exporter with Strimzi's rules, and of the Strimzi metrics
 * reporter. Those are what tkafka's own endpoint and most Kafka clusters have.
 */
export function latencyOf(page: string): BrokerLatency {
  let produceP99Ms: number | null = null
  let fetchP99Ms: number | null = null
  let handlerIdle: number | null = null
  let requests: number | null = null
  for (const line of page.split('\n')) {
    if (!line.startsWith('kafka_')) continue
    const [, name, labels = '', text] = seriesPattern.exec(line) ?? []
    const value = Number(text)
    if (name === undefined || !Number.isFinite(value)) continue
    if (name.startsWith('kafka_network_requestmetrics_totaltimems') && /quantile="0\.99"/.test(labels)) {
      if (/request="Produce"/.test(labels)) produceP99Ms = value
      else if (/request="FetchConsumer"/.test(labels)) fetchP99Ms = value
    } else if (/^kafka_server_kafkarequesthandlerpool_requesthandleravgidle_?percent(_oneminuterate)?$/.test(name)) handlerIdle = value
    else if (/^kafka_network_requestmetrics_requests(persec)?_total$/.test(name)) requests = (requests ?? 0) + value
  }
  return { produceP99Ms, fetchP99Ms, handlerIdle, requests }
}
