import Interpreter

extension Topic {
  static let tensors = Topic(
    "Tensors",
    "Arrays of numbers, how they are made, and functions of them. Functions that plain numbers have too, such as `exp` and `max`, stand under Numbers."
  )
  static let gradients = Topic("Gradients", "Derivatives of any order, and proofs of them.")
  static let modules = Topic(
    "Modules", "Layers and models. `Meta…` modules are adapted in the inner loop; plain ones are not.")
  static let optimizing = Topic("Losses and optimizers", "What is made small, and by which steps.")
  static let tasks = Topic("Tasks and data sets", "Support and query sets, what draws them, and domains.")
  static let learners = Topic("Learners", "Meta-learning algorithms, and what their calls give.")
  static let inspection = Topic(
    "Looking inside", "The inner loop step by step, and the meta-gradient taken apart.")
  static let results = Topic("Results", "Tables, plots, and showing them.")
  static let widgets = Topic("Controls in a notebook", "Sliders and their kin, and `interact`.")
}

extension InnerloopLanguage {
  /// The reference's topics in reading order.
  static let topics: [Topic] = [
    .tensors, .gradients, .modules, .optimizing, .tasks, .learners, .inspection, .results, .widgets, .session,
    .numbers, .collections,
  ]
}
