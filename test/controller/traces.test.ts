import { testTraces } from '../base/trace.ts'
import { playController } from './controller-trace.ts'

testTraces('the controller, by script', import.meta.dirname, playController)
