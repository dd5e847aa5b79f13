/** How the process is doing. What the platform cannot say is NaN. */
export interface VitalSigns {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  readonly openFiles: number
  readonly openFilesMax: number
  /** Milliseconds since 1970. */
  readonly startedMs: number
  /** How late the event loop came since the last reading, milliseconds. */
  readonly loopDelay: { readonly mean: number; readonly p99: number; readonly max: number }
  /** Share of the time since the last reading in which the event loop waited for something to do. */
  readonly idleShare: number
  /** Such waiting, all together. */
  readonly idleSeconds: number
  /** What the process has had read from storage and written to it; the page cache does not count. */
  readonly diskReadBytes: number
  readonly diskWriteBytes: number
  /** Threads of the process. */
  readonly threads: number
  /** Collections of garbage since somebody wants to know, by kind. */
  readonly collections: readonly { readonly kind: string; readonly count: number; readonly seconds: number }[]
}

/** Watches the process while somebody wants to know. */
export interface Vitals {
  read(): Promise<VitalSigns>
  close(): void
}
