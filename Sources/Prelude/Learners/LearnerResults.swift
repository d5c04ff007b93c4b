import Autograd
import Display
import Interpreter
import MetaLearning
import NN

extension AdaptationResult: HostObject {
  public var typeName: String { "Adaptation" }
  public var summary: String {
    let losses = innerLosses.map { NumberText.compact($0) }.joined(separator: ", ")
    return
      "adapted in \(innerLosses.count) step\(innerLosses.count == 1 ? "" : "s"), inner losses [\(losses)]"
  }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "Adaptation(\(summary))") }
  public var inspection: Inspection {
    Inspection(
      summary,
      [.init("params", .tensors(params)), .init("innerLosses", .array(innerLosses.map(Value.double)))])
  }
  public var memberKeys: [String: [String]] { ["params": Array(params.keys)] }
}

extension OuterResult: HostObject {
  public var typeName: String { "OuterLoss" }
  public var summary: String {
    "mean outer loss \(NumberText.compact(meanOuterLoss)) over \(outerLosses.count) tasks"
  }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "OuterLoss(\(summary))") }
  public var memberKeys: [String: [String]] { ["gradients": gradientNames] }
}

extension MLDGResult: HostObject {
  public var typeName: String { "MLDGLoss" }
  public var summary: String {
    "meta-train loss \(NumberText.compact(metaTrainLoss)), meta-test loss \(NumberText.compact(metaTestLoss)) on \(metaTest.joined(separator: ", "))"
  }
  public var mimeBundle: MIMEBundle { MIMEBundle(plain: "MLDGLoss(\(summary))") }
  public var memberKeys: [String: [String]] { ["gradients": gradientNames] }
}

extension AdaptationTable {
  /// Rows 0…k; row i is after i steps.
  var dataTable: DataTable {
    var columns = [DataTable.Column("step", steps), .init("train (support) loss", trainLosses)]
    if let testLosses { columns.append(.init("test (query) loss", testLosses)) }
    if let trainAccuracies { columns.append(.init("train (support) accuracy", trainAccuracies)) }
    if let testAccuracies { columns.append(.init("test (query) accuracy", testAccuracies)) }
    return DataTable(columns)
  }
}

extension EvaluationResult: HostValue {
  var hostTypeName: String { "Evaluation" }
  var hostSummary: String {
    "\(count) tasks, test (query) loss \(NumberText.compact(losses.last ?? .nan)) at the last step"
  }
  var hostBundle: MIMEBundle { dataTable.mimeBundle }

  /// Rows 0…k with 95% confidence intervals.
  var dataTable: DataTable {
    var columns = [
      DataTable.Column("step", Array(losses.indices)), .init("test (query) loss", losses),
      .init("± 95%", lossCI),
    ]
    if let accuracies, let accuracyCI {
      columns += [.init("test (query) accuracy", accuracies), .init("± 95% of accuracy", accuracyCI)]
    }
    let transductive = isTransductive ? "; transductive: batch norm sees the whole query set" : ""
    return DataTable(columns, note: "over \(count) tasks\(transductive)")
  }
}

extension DomainEvaluation: HostValue {
  var hostTypeName: String { "DomainEvaluation" }
  var hostSummary: String {
    meanAccuracy.map { "mean accuracy \(NumberText.compact($0))" }
      ?? "mean loss \(NumberText.compact(meanLoss))"
  }
  var hostBundle: MIMEBundle { dataTable.mimeBundle }

  var dataTable: DataTable {
    var columns = [DataTable.Column("domain", Array(losses.keys)), .init("loss", Array(losses.values))]
    if let accuracies { columns.append(.init("accuracy", Array(accuracies.values))) }
    return DataTable(columns, note: hostSummary)
  }
}

extension InnerloopLanguage {
  /// Members of what learners give.
  static func registerLearnerResults(in builder: RegistryBuilder) {
    builder.type("Adaptation", "What the inner loop did to one task.") { type in
      type.property("params", .dictionary(.tensor), "The adapted parameters by name, still attached.") {
        (a: AdaptationResult, _) in
        .tensors(a.params)
      }
      type.property("innerLosses", .array(.double), "The loss on the support set before each step.") {
        (a: AdaptationResult, _) in
        .doubles(a.innerLosses)
      }
      type.property(
        "accuracyBefore", .optional(.double),
        "The accuracy on the support set before the first step, as torchmeta reports it."
      ) {
        (a: AdaptationResult, _) in a.accuracyBefore.map(Value.double) ?? .null
      }
      type.property("table", .named("Table"), "Losses and accuracies after 0…k steps.") {
        (a: AdaptationResult, _) in
        try a.table.dataTable.hosted
      }
    }
    registerOuterResult(in: builder)
    builder.type("Evaluation", "Losses and accuracies over many tasks, entries 0…k.") { type in
      type.property(of: EvaluationResult.self, "losses", .array(.double), "Mean test losses after 0…k steps.")
      { .doubles($0.losses) }
      type.property(
        of: EvaluationResult.self, "lossCI", .array(.double),
        "Half the width of the 95% confidence intervals."
      ) { .doubles($0.lossCI) }
      type.property(
        of: EvaluationResult.self, "accuracies", .optional(.array(.double)),
        "Mean test accuracies after 0…k steps; nil without labels."
      ) {
        $0.accuracies.map { .doubles($0) } ?? .null
      }
      type.property(
        of: EvaluationResult.self, "accuracyCI", .optional(.array(.double)),
        "Half the width of the 95% confidence intervals."
      ) {
        $0.accuracyCI.map { .doubles($0) } ?? .null
      }
      type.property(of: EvaluationResult.self, "count", .int, "How many tasks were measured.") {
        .int($0.count)
      }
      type.property(of: EvaluationResult.self, "table", .named("Table"), "All of it as a table.") {
        $0.dataTable.hosted
      }
    }
    builder.type("DomainEvaluation", "Loss and accuracy on each domain.") { type in
      type.property(of: DomainEvaluation.self, "losses", .dictionary(.double), "By domain.") {
        .dictionary($0.losses.map { ($0.key, .double($0.value)) })
      }
      type.property(
        of: DomainEvaluation.self, "accuracies", .optional(.dictionary(.double)),
        "By domain; nil without labels."
      ) {
        $0.accuracies.map { .dictionary($0.map { ($0.key, .double($0.value)) }) } ?? .null
      }
      type.property(of: DomainEvaluation.self, "meanLoss", .double, "The mean over domains.") {
        .double($0.meanLoss)
      }
      type.property(
        of: DomainEvaluation.self, "meanAccuracy", .optional(.double),
        "The mean over domains; nil without labels."
      ) {
        $0.meanAccuracy.map(Value.double) ?? .null
      }
      type.property(of: DomainEvaluation.self, "table", .named("Table"), "All of it as a table.") {
        $0.dataTable.hosted
      }
    }
  }

  private static func registerOuterResult(in builder: RegistryBuilder) {
    builder.type("OuterLoss", "The outer loss of a batch of tasks.") { type in
      type.property(
        "loss", .tensor, "The differentiable mean over tasks; a constant after `trainIter`'s update."
      ) { (o: OuterResult, _) in
        .object(o.loss)
      }
      type.property("meanOuterLoss", .double, "The mean over tasks as a number.") { (o: OuterResult, _) in
        .double(o.meanOuterLoss)
      }
      type.property("numTasks", .int, "How many tasks there were.") { (o: OuterResult, _) in
        .int(o.outerLosses.count)
      }
      type.property("outerLosses", .array(.double), "The loss of each task.") { (o: OuterResult, _) in
        .doubles(o.outerLosses)
      }
      type.property("innerLosses", .array(.array(.double)), "Inner losses, steps × tasks.") {
        (o: OuterResult, _) in
        .array(o.innerLosses.map { .doubles($0) })
      }
      type.property(
        "accuraciesBefore", .optional(.array(.double)),
        "Of each task, on the train (support) set before the first step, as torchmeta reports."
      ) {
        (o: OuterResult, _) in o.accuraciesBefore.map { .doubles($0) } ?? .null
      }
      type.property(
        "accuraciesAfter", .optional(.array(.double)),
        "Of each task, on the test (query) set after the last step."
      ) {
        (o: OuterResult, _) in o.accuraciesAfter.map { .doubles($0) } ?? .null
      }
      type.property(
        "gradients", .dictionary(.tensor), "The meta-gradient by parameter name, worked out when asked for."
      ) { (o: OuterResult, _) in
        .tensors(try o.gradients)
      }
      type.property("iteration", .int, "The meta-iteration it belongs to.") { (o: OuterResult, _) in
        .int(o.iteration)
      }
    }
    builder.type("MLDGLoss", "The loss of one split of the domains.") { type in
      type.property("loss", .tensor, "F + β G, differentiable.") { (o: MLDGResult, _) in .object(o.loss) }
      type.property("metaTrainLoss", .double, "F, the mean over the meta-train domains.") {
        (o: MLDGResult, _) in .double(o.metaTrainLoss)
      }
      type.property("metaTestLoss", .double, "G after the inner step, the mean over the held-out domains.") {
        (o: MLDGResult, _) in .double(o.metaTestLoss)
      }
      type.property("iteration", .int, "The meta-iteration it belongs to.") { (o: MLDGResult, _) in
        .int(o.iteration)
      }
      type.property("metaTest", .array(.string), "The domains held out.") { (o: MLDGResult, _) in
        .strings(o.metaTest)
      }
      type.property(
        "gradientInnerProduct", .double, "∇F·∇G, both at θ: above 0, a step for one helps the other."
      ) { (o: MLDGResult, _) in
        .double(try o.gradientInnerProduct)
      }
      type.property("gradients", .dictionary(.tensor), "The gradient of the loss by parameter name.") {
        (o: MLDGResult, _) in .tensors(try o.gradients)
      }
    }
  }
}
