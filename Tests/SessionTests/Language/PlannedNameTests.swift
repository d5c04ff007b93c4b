import Testing

@Suite("names of later versions")
struct PlannedNameTests {
  @Test(
    "are refused as planned, not as unknown",
    arguments: [
      "CIFAR100(\"root\")", "Pascal5i(\"root\")", "TCGA(\"root\")", "Bach(\"root\")",
    ])
  func planned(program: String) {
    Refusal(program, says: "planned but not part of this version").check()
  }

  @Test(
    "torchmeta's names without a place are answered with what to write",
    arguments: [
      Refusal("BatchMetaDataLoader(1, batch_size: 25)", says: "tasks.batches(of: 25)"),
      Refusal("CombinationMetaDataset(1)", says: "ClassTasks(x, labels, ways: 5)"),
      Refusal("MetaDataset(1)", says: "Tasks { i in"),
      Refusal("NonEpisodicWrapper(1)", says: "tasks.samples"),
      Refusal("Categorical(5)", says: "number their classes anew"),
      Refusal("CombinationSequentialSampler(1)", says: "sampler: .combinations"),
      Refusal("DataParallel(MetaLinear(1, 1))", says: "threads(2)"),
      Refusal("MetaLinear(1, 1).get_subdict(1)", says: "params: fast"),
      Refusal("MAML(ModelMLPSinusoid()).evaluate_iter(1)", says: "maml.evaluate"),
    ])
  func answered(refusal: Refusal) { refusal.check() }
}
