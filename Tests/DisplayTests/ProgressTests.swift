import Display
import Testing

@Suite("Training progress")
struct ProgressTests {
  /// A clock that moves on by a fixed time at every look.
  final class SteppingClock {
    var now: UInt64 = 5_000
    var step: UInt64
    init(milliseconds: Double) { step = UInt64(milliseconds * 1e6) }
    func callAsFunction() -> UInt64 {
      now += step
      return now
    }
  }

  private func run(_ sink: any OutputSink, iterations: Int, milliseconds: Double, total: Int? = nil) {
    let clock = SteppingClock(milliseconds: milliseconds)
    let progress = TrainingProgress(total: total ?? iterations, sink: sink, clock: { clock() })
    for iteration in 1...iterations { progress.update(iteration: iteration, loss: 1 / Double(iteration)) }
    progress.finish(interrupted: total != nil)
    progress.finish()
  }

  @Test("a run shorter than a tenth of a second shows only its end")
  func short() {
    let sink = MemorySink()
    run(sink, iterations: 50, milliseconds: 0.01)
    #expect(sink.displays.count == 1)
    #expect(sink.displays[0].update == false)
    #expect(sink.displays[0].bundle.plainText.hasPrefix("training 50/50 · loss 0.02\n"))
  }

  // Showing itself takes the clock two steps on, so that ten seconds of training take a little longer.
  @Test("a long run updates one display at most ten times a second")
  func long() {
    let sink = MemorySink()
    run(sink, iterations: 10_000, milliseconds: 1)
    #expect(sink.displays.count > 50 && sink.displays.count <= 105)
    #expect(Set(sink.displays.map(\.id)).count == 1)
    #expect(sink.displays.first?.update == false)
    #expect(sink.displays.dropFirst().allSatisfy { $0.update })
    let middle = sink.displays[20].bundle
    #expect(middle.plainText.contains("/s") && middle.plainText.contains("left"))
    #expect(middle[MIMEType.svg] != nil && middle[MIMEType.vegaLite] == nil)
  }

  @Test("what is stored at the end does not depend on the clock")
  func deterministic() {
    let (slow, fast) = (MemorySink(), MemorySink())
    run(slow, iterations: 3000, milliseconds: 3)
    run(fast, iterations: 3000, milliseconds: 0.001)
    #expect(slow.displays.count > 1 && fast.displays.count == 1)
    #expect(slow.displays.last?.bundle.data == fast.displays.last?.bundle.data)
    #expect(slow.displays.last?.bundle.data.count == 3)
  }

  @Test("a file gets a line now and then, without pictures")
  func stream() {
    let sink = MemorySink(isInteractive: false, isRich: false)
    run(sink, iterations: 12_000, milliseconds: 1)
    #expect(sink.displays.count == 3)
    #expect(sink.displays.allSatisfy { $0.bundle.data.count == 1 && $0.bundle.isProgress })
    #expect(sink.displays.last?.bundle.plainText == "training 12000/12000 · loss 8.333e-5")
  }

  @Test("a terminal's last line says how long it took")
  func terminal() {
    let sink = MemorySink(isRich: false)
    run(sink, iterations: 1000, milliseconds: 1)
    #expect(sink.displays.last?.bundle.plainText == "training 1000/1000 · loss 0.001 · 989/s · 1.0 s")
  }

  @Test("an interrupted run says where it stopped")
  func interrupted() {
    let sink = MemorySink()
    run(sink, iterations: 5, milliseconds: 0.1, total: 100)
    #expect(sink.displays.last?.bundle.plainText.hasPrefix("training stopped at 5/100 · loss 0.2\n") == true)
  }

  @Test("work without a loss has the line alone, with what is under way, and ends without it")
  func details() {
    for isRich in [true, false] {
      let sink = MemorySink(isRich: isRich)
      var now: UInt64 = 0
      let progress = TrainingProgress(title: "sweep", total: 4, start: 1, sink: sink, clock: { now })
      for done in 1...4 {
        now += 1_000_000_000
        progress.update(iteration: done, detail: "steps \(done)")
      }
      #expect(sink.displays.contains { $0.bundle.plainText.hasPrefix("sweep 2/4 · steps 2 · ") })
      progress.finish()
      #expect(sink.displays.allSatisfy { $0.bundle.data.count == 1 && $0.bundle.isProgress })
      #expect(sink.displays.last?.bundle.plainText == (isRich ? "sweep 4/4" : "sweep 4/4 · 0.75/s · 4.0 s"))
    }
  }

  @Test("a quiet sink hands on all but progress")
  func quiet() {
    let sink = MemorySink()
    let quiet = QuietSink(sink)
    run(quiet, iterations: 300, milliseconds: 1)
    #expect(sink.displays.isEmpty)
    quiet.display(MIMEBundle(plain: "value"))
    quiet.write("text", to: .standardOutput)
    quiet.clearOutput(wait: true)
    #expect(sink.displays.count == 1 && sink.standardOutput == "text" && sink.clears == [true])
    #expect(quiet.isRich == sink.isRich && quiet.isInteractive == sink.isInteractive)
  }

  @Test("a run without a single step shows nothing")
  func empty() {
    let sink = MemorySink()
    TrainingProgress(total: 0, sink: sink).finish()
    #expect(sink.displays.isEmpty)
  }

  @Test("the curve stays bounded and keeps the mean")
  func curve() {
    var curve = LossCurve()
    for iteration in 1...100_000 { curve.append(iteration: iteration, loss: Double(iteration)) }
    curve.append(iteration: 100_001, loss: .nan)
    let series = curve.series
    #expect(series.x.count <= 512)
    #expect(curve.stretchLength == 256)
    #expect(series.y[0] == 128.5 && series.x[0] == 128.5)
    #expect(curve.last.isNaN)
  }

  @Test("an update that shows nothing costs less than a microsecond")
  func cheap() {
    let progress = TrainingProgress(total: nil, sink: MemorySink(isInteractive: false))
    let count = 200_000
    // The best of several, since other work shares the processor.
    let best =
      (0..<5).map { _ in
        let start = TrainingProgress.monotonicNanoseconds()
        for iteration in 0..<count { progress.update(iteration: iteration, loss: 0.5) }
        return Double(TrainingProgress.monotonicNanoseconds() - start) / Double(count)
      }.min() ?? .infinity
    #if DEBUG
      #expect(best < 10_000)
    #else
      #expect(best < 1000)
    #endif
  }
}
