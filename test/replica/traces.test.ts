import { testTraces } from '../base/trace.ts'
import { playIsr } from './isr-trace.ts'

testTraces('in-sync replicas, by script', import.meta.dirname, playIsr)
