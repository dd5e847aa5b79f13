export interface ScrapeOptions {
  /** Metrics endpoints, host:port. */
  readonly targets: readonly string[]
  /** What the cluster is called: its `job`. */
  readonly job: string
  /** Where the alert rules are; undefined: there are none. */
  readonly rulesFile: string | undefined
  /** A duration of Prometheus. */
  readonly interval: string
}

/** Series of the cluster as a whole, each of which one node shows at a time. */
const OF_THE_CLUSTER = 'kafka_(brokers|broker_info|topic_.+|consumergroup_.+)'

/** The configuration of a Prometheus that scrapes one cluster. */
export function scrapeConfig({ targets, job, rulesFile, interval }: ScrapeOptions): object {
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    ...(rulesFile === undefined ? {} : { rule_files: [rulesFile] }),
    scrape_configs: [
      {
        job_name: job,
        static_configs: [{ targets }],
        // Leaders and coordinators move from node to node: what they show of partitions and groups stays one series.
        metric_relabel_configs: [{ source_labels: ['__name__'], regex: OF_THE_CLUSTER, target_label: 'instance', replacement: job }],
      },
    ],
  }
}
