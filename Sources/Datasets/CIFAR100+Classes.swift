/// The names in CIFAR-100's files, in the order of their numbers, and its published splits.
extension CIFAR100 {
  /// The classes.
  public static let fineNames = words(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
    camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
    cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
    lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom
    oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
    possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake
    spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
    train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """)

  /// The superclasses of five classes each.
  public static let coarseNames = words(
    """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
    household_furniture insects large_carnivores large_man-made_outdoor_things
    large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals
    non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2
    """)

  /// The classes of CIFAR-FS (Bertinetto et al. 2019) that validate, and those that test; the others train.
  static let cifarFSValidation = words(
    """
    beaver otter flatfish shark lamp television beetle butterfly sea camel cattle crab crocodile
    maple_tree motorcycle tractor
    """)
  static let cifarFSTest = words(
    """
    whale poppy rose sweet_pepper telephone bed table wardrobe leopard plain chimpanzee fox snail
    worm baby man woman bicycle pickup_truck rocket
    """)

  /// The superclasses of FC100 (Oreshkin et al. 2018) that validate, and those that test; the others train.
  static let fc100Validation = words(
    """
    large_carnivores large_omnivores_and_herbivores non-insect_invertebrates small_mammals
    """)
  static let fc100Test = words(
    """
    aquatic_mammals insects medium_mammals people
    """)

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
