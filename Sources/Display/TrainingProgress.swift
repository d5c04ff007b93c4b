import Glibc

/// Shows how a training run goes while it runs: a line with the rate, the loss and the time left, and a loss curve
/// that grows in place. Other long work has the line alone.
///
/// Belongs to the thread that trains. Shows itself at most ten times a second, and takes about one part in thirty of the
/// time at most; otherwise `update` costs a look at the clock. The final state holds no clock values, so that
/// two executions of a notebook store the same.
public final class TrainingProgress {
  private let title: String
  private let total: Int?
  private let sink: any OutputSink
  private let id: String
  private let clock: () -> UInt64
  private let began: UInt64
  private var curve = LossCurve()
  /// What is under way.
  private var detail: String?
  private var hasBegun = false
  private var iteration: Int
  private let firstIteration: Int
  private var nextShow: UInt64
  private var hasShown = false
  private var isFinished = false
  private var rate: Double?
  private var rateMark: (time: UInt64, iteration: Int)

  private static let second: UInt64 = 1_000_000_000

  /// - Parameters:
  ///   - total: the iterations at the end, nil when not known
  ///   - start: the iterations done before this run
  public convenience init(
    title: String = "training", total: Int?, start: Int = 0, sink: any OutputSink
  ) {
    self.init(title: title, total: total, start: start, sink: sink, clock: Self.monotonicNanoseconds)
  }

  package init(
    title: String = "training", total: Int?, start: Int = 0, sink: any OutputSink,
    clock: @escaping () -> UInt64
  ) {
    self.title = title
    self.total = total
    self.sink = sink
    self.clock = clock
    // Not stored in notebooks; must differ from those of a kernel that ran before.
    id = "progress-" + String(UInt64.random(in: .min ... .max), radix: 36)
    began = clock()
    iteration = start
    firstIteration = start
    rateMark = (began, start)
    nextShow = began + (sink.isInteractive ? Self.second / 10 : 5 * Self.second)
  }

  package static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * second + UInt64(time.tv_nsec)
  }

  /// Notes that `iteration` iterations are done, the last with this loss.
  public func update(iteration: Int, loss: Double) {
    curve.append(iteration: iteration, loss: loss)
    note(iteration)
  }

  /// Notes that `iteration` parts of the work are done, and which one is under way.
  public func update(iteration: Int, detail: String) {
    self.detail = detail
    note(iteration)
  }

  private func note(_ iteration: Int) {
    self.iteration = iteration
    hasBegun = true
    let now = clock()
    if now >= nextShow { show(now) }
  }

  /// Shows the final state; to be called also after an interrupt or an error. Later calls do nothing.
  public func finish(interrupted: Bool = false) {
    if isFinished { return }
    isFinished = true
    if !hasBegun { return }
    let seconds = Double(clock() - began) / Double(Self.second)
    sink.display(finalBundle(interrupted: interrupted, seconds: seconds), id: id, update: hasShown)
  }

  private func show(_ now: UInt64) {
    let seconds = Double(now - rateMark.time) / Double(Self.second)
    if seconds > 0 {
      let recent = Double(iteration - rateMark.iteration) / seconds
      rate = rate.map { 0.7 * $0 + 0.3 * recent } ?? recent
    }
    rateMark = (now, iteration)
    sink.display(currentBundle(), id: id, update: hasShown)
    hasShown = true
    let cost = clock() - now
    let pause = sink.isInteractive ? Self.second / 10 : 5 * Self.second
    nextShow = now + max(pause, 30 * cost)
  }

  /// The state in the middle of a run. A notebook gets a picture only: it is quick to draw and does not flicker.
  private func currentBundle() -> MIMEBundle {
    var parts = [position] + [detail].compactMap { $0 } + lossText
    if let rate {
      parts.append("\(NumberText.compact(rate, digits: 3))/s")
      if let total, rate > 0, total > iteration {
        parts.append(NumberText.duration(seconds: Double(total - iteration) / rate) + " left")
      }
    }
    var bundle = bundle(parts)
    if sink.isRich, !curve.isEmpty { bundle[MIMEType.svg] = .text(plot(parts).svg()) }
    return bundle
  }

  private func finalBundle(interrupted: Bool, seconds: Double) -> MIMEBundle {
    let parts = [interrupted ? "stopped at \(position)" : position] + lossText
    // A terminal does not store what it shows.
    let isTerminal = sink.isInteractive && !sink.isRich
    let done = Double(iteration - firstIteration)
    let timing =
      isTerminal && seconds > 0
      ? ["\(NumberText.compact(done / seconds, digits: 3))/s", NumberText.duration(seconds: seconds)] : []
    var bundle = bundle(parts + timing)
    if sink.isRich, !curve.isEmpty {
      let plot = plot(parts)
      let line = line(parts, separator: " · ")
      var picture = plot
      (picture.title, picture.subtitle) = (nil, nil)
      bundle[MIMEType.plain] = .text(line + "\n" + picture.mimeBundle.plainText)
      bundle[MIMEType.svg] = .text(plot.svg())
      bundle[MIMEType.vegaLite] = .json(plot.vegaLite())
    }
    return bundle
  }

  private var position: String {
    total.map { "\(iteration)/\($0)" } ?? "\(iteration)"
  }

  private var lossText: [String] {
    curve.isEmpty ? [] : ["loss " + NumberText.compact(curve.last, digits: 4)]
  }

  private func line(_ parts: [String], separator: String) -> String {
    title + " " + parts.joined(separator: separator)
  }

  private func bundle(_ parts: [String]) -> MIMEBundle {
    var bundle = MIMEBundle(plain: line(parts, separator: " · "))
    // A narrow terminal gets fewer parts rather than half a number.
    let lines = parts.indices.reversed().map { last in
      let shown = Array(parts[...last])
      return (unicode: line(shown, separator: " · "), ascii: line(shown, separator: ", "))
    }
    bundle.terminal = { style in
      let texts = lines.map { style.unicode ? $0.unicode : Escaping.ascii($0.ascii) }
      return texts.first { TextWidth.columns($0) < style.width } ?? texts.last ?? ""
    }
    bundle.isProgress = true
    return bundle
  }

  private func plot(_ parts: [String]) -> Plot {
    let length = curve.stretchLength
    return Plot(
      [curve.series], title: title, subtitle: parts.joined(separator: " · "), xLabel: "iteration",
      yLabel: length == 1 ? "loss" : "loss (mean over \(length))")
  }
}
