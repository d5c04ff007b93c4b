internal import CSodium

extension KernelSpec {
  /// The logos by file name. They are part of the program, so that it can install itself from anywhere; the folder
  /// `kernelspec` holds the same files, and a test compares them.
  static var logos: [(file: String, bytes: [UInt8])] {
    [
      ("logo-svg.svg", Array((svgLogo + "\n").utf8)),
      ("logo-32x32.png", decoded(smallLogo)),
      ("logo-64x64.png", decoded(largeLogo)),
    ]
  }

  /// The bytes that a text in base 64 stands for; white space in it is skipped.
  private static func decoded(_ text: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: text.utf8.count)
    var count = 0
    let status = sodium_base642bin(
      &bytes, bytes.count, text, text.utf8.count, "\n", &count, nil, sodium_base64_VARIANT_ORIGINAL)
    return status == 0 ? Array(bytes[..<count]) : []
  }

  private static let svgLogo = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" fill="none" stroke-linecap="round">
      <title>Innerloop</title>
      <path d="M49.6 15.2A24.4 24.4 0 1 1 32 7.6" stroke="#2f6fde" stroke-width="6.4"/>
      <path d="M29.6 1.4 38.6 7.6 29.6 13.8Z" fill="#2f6fde" stroke="#2f6fde" stroke-width="1.6" stroke-linejoin="round"/>
      <path d="M41.8 30A10 10 0 1 1 32 22" stroke="#f2711c" stroke-width="5.2"/>
      <path d="M30.4 17.2 37.2 22 30.4 26.8Z" fill="#f2711c" stroke="#f2711c" stroke-width="1.4" stroke-linejoin="round"/>
    </svg>
    """

  private static let smallLogo = """
    iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAAABmJLR0QA/wD/AP+gvaeTAAAFf0lEQVRYhe1XfUyVVRj/Ped+wBVB
    IS2HXAMZmcmXkjl1GWt9TLLpTJzWammNLVPgosNqLclqfkRelLLNP7SWpbnmVjbassK1tNkiAWWKEmAgfqDGRxcu3Pc9T3/cy3vP
    /QJh67+e7d3O+3z8nt953nPO+xxgjJJR2FSQXdyybKzxQyLGHEj0JDN/nlXUcnRG6YXYseLQaJyzi1smAsiVLB8h0EoAiQBJMN+A
    WTxbtyu5+j8hkF7UnGkGNjKwCoA1PBD3gMT22oqUbaMhYB7OmFPQMU6zubcB2MDDkmUPk7jJUj82muQAYIqYvOjPaR6L/jMBSxCY
    3AXgJzA0ECYB6AXjkEvqeecr066OlkDYCqRvuJSqEf1IjHsNJeEyg3dY+myf1uxL7MsqbP4S4Hhi0/LaPcmnwuFkF7YsZeJPADQK
    qT99pjKtM9gnZBfkFHSMMwnxDdTkoANu62BGfUXqxzX7EvsAgKV4jS0xqZGSA4AU7AAwEcA8KcyHc8uqQyYcQsBjc1cA9IBfw1vr
    dqesbdx5f6/qdzJ6nusXPafyxrrJ4yMRAON75eXRrq5pbw5LILOwKZ2Al/wxtL9ud+qWsLPTLckMWhkdFXW+pyRxQTif+viU7Qyq
    MuCYStNLmuwRCRCJMkXXylZbYTBod5F9bo8jqYqA0wTEAEgCi297HPZdIQzKSJqk9iKAbp/GZtLE5rAEMl65HA9gqcEWeLe+fIpL
    de4tmZpPgk8CWBxuxuHkTGVaJwM7DVzCqpyC3y0hBExWbTH8u6K3T+oHVaCu4sQ5zHQIgAWABLiKgH4A7SC5JM7ZVhKJhO6h/QB0
    ACDgLt2WkBtCgIFF/hA63lSZNqCCmEhsg/fckAReTSZtDYMPuwcGZsbt6jB2wj+OpIy/i5OT1diGvSnXADrtz8U5Q2NlW5Cy7VCn
    AtzePH0CDw4+7g2mr+Kc7Ud8prWqX2+RfZEEnzCR5urddE9qbPn1G36rPAvQAm8VaGZIBQBMNUYs21Rgi9uTBd9pSJBViCDSxNN8
    fuOlx3pvoJXaDXggIYQAA0bJWVDAES3BAZ8jkhDIqCgJRKs2Zj8mk3c9BBAg/1YBwJPVYCG1Zi9HgCHyIjJgfso30jSrpT6AHMkp
    xphhHGpqBRoVh7lqcGzltU4AVV6ivKLXYV8VnLu7OOk5AM94sehEwo7mbtXOoCzlrWFoZJRMEJ9ipnU+CrnzHW22X532foXgVgIe
    AxDF4C96HPblAL7zWfN8yQnAoNDhUJPPXv9XooT2kKGQ9EdIBTSmHwB4fK/xfTy4WgWZ4Gz/jcAvANC8iTgf4P3eByt8yd0Efj52
    T9u5gNmbtTXw//o7zQO3jc7JIHBu9/TrAI76o6hs1rqGgB9NrPPKEQHMIebjgH8hecd0TIIejnVeOaLGZG5qupsZpYrqUM2+B4cm
    GtgPCMHlUlK+j5jdbLFVAHhZ9RnvbD8L4InO0kmxUR5btgT6hdBb4z7ouIkgyc9nU6On9QDAcT6VC8KyU/UJabOyCps/BOFVw4H4
    7dqK1LJgv5EkP59NF6e27AWjQEm3pW53ytaASQcHRrP+BkDGKmWmLVlFzZ8Ff47hZPaGS5MvJrZ8HZicq839t0Ia1rCNZnpJk92k
    i1MAkhT1VSZ+Z8DqORjcnAxJzsbGSbrHupaJX4e3ExqSC5qwLGxw2m/fEQEAyFzfmkImeRRAdpDJTeBqCToHUDsBNu/BxXMAWojQ
    tv3EgGZdceGjpFvh8gx7L5jvaLO5pKecgAKM0MKHkX6A39fi3e81lM0ajOR0RxeTzKLmGQC9ReBlAMaN4N4F8GEisaO2IqV1JOxR
    Xc0yN12LEZ6+PN///D4mSoCEBwIuYq5jUE2MsBxXT9D/ZST5F8BeEGZjg5+1AAAAAElFTkSuQmCC
    """

  private static let largeLogo = """
    iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAYAAACqaXHeAAAABmJLR0QA/wD/AP+gvaeTAAALWUlEQVR4nO1bfXBU1RX/nft2IYSQ
    BMFCkwj5QtFANiFapVOU0mmVai2dfkkVtbaDSkg2GyiorRo7naJAk01AqagzWlutZdRWpiJqC1IVHTGShVSQJBsgieAISTaYELJ7
    T/9IgmHfve+9zVf/4TeTmew593zcM/fj3HPvA0YdTLklDT/KKwkmj75tM8RoG5zlDc4mxhZm1OZ5G7492vajMeoBIJbu3v84hYHt
    Hm/DhoKlLfGj7Uc/Rj0AUSAAy8Pjumo93vpv/L8cGBUUrK5PCp/GbEAsAPihKLYEE4Pk+vDE0w/UluWcGS2/RiwAOWW1Y1wnxs0n
    QYsY8hqAZsLJiCPsExEs+WhDZs1I+XauuWFGXnH9DCa6E8BtACbHKs8gSSTDYNxTU5npB4iH28eBGLYA9HX8AQCLARjDopT4hzX+
    rJeGRZcGrqEqKFjaEh+J6/4NE68E4B4GnyQAAcZf2D1++zDos8SQRsDs4roCg4wXGJw1HM4wwAR0ACisqcz883DotMOgt0FPcfAu
    QeKdYeo8AwAx3oBwXzZanQcGMwLKWOS1BR9hxkqHEkygasnYSsy7mThCRG9+yQUzcTdY3BOoSq8a6UUvGjGuAUye1uBmBn7hoHEb
    iDcbxE9UV2TX9RNnF9cV0Dlxp90sjCX7KqY3xOYL4PE1fA0S5QCuYuATATy4tzJzSyw6YgqAxxv0w77zZwAql2fE2n2bprdGM0m4
    GCwBwhkwPXDxp+nrt2yhSCx+AEB+YcN0KfEmgAkAQMClDLzgKW6Iq6nKfNapHscB8HgblgMotmrDwB4XiVur/ekf69qE2vi/SUn0
    cIT5+f2VGYHBZjvSwK3o6/wAEAhP5pUEj+71Z+x0osfRGpDra5hHEv+CxTZHoE09EztLRiuN9XiD5QD7NOzjEcCzvzLzuJ0e2xGQ
    s6w2gSSehr7zzIxVNVUZ6+109eNEUXbiGHf3zQnMT1NFU5dTuYGQRG8I1gZgigE8A/BCu0XVdht0ucetAZCpbUC8MlCV6bjzAOAy
    uuYx82Md4Jq2kpQ5scj2Y58/fRsTnrFocq3HG7zZTo9lADy+QzkA7tLxibiyxp9VbmdEIddnl7IE0fuh0rTVXBZ7ThJJ7loKYKdF
    k3VXFh1KtNJhbVQaD0M/Td5OTj7iNBc4i46VU74Cprlf2icXGGtC7Wm723zT9CNNgdqynDMR4CYAurk+9bQwLBdu7SKYW1w3i0gE
    NG06DSE9A/d3KzBAp0rSfsCEQgDfVOkkcJiBbmbcneRvdryNAUCur+F7JPGKxvaJ7rFnMg6undmh4mtHAMHwqRwFACJe57TzoRUp
    MztK03Yy4UUAC3Q6GeRipngi+lN7aepjTnT3I1CRuRWMrUpfgUlxp8dq1wJlAAqWtsSD+CcamePSNX6dE8faS1KvhxTvg3G1k/ZD
    ghG5F70nSTOI79CJKQPQE9d9I4AEpQTj0cD6qV/Y+dPuS7uOiF4GYLkInfURHCbiTma+Nam8eZkTmYGoqZhRC7ByGgC4Iq+4foaK
    oQwAgW/QKIqEw/SEnTOh0tSLCdgCfe7QE/WbJahawsiNdf4PhCRjs5YpxPVKsrIx8XwVmRk7ah/LOGblBJdBgOlJqEdQFwEPCsjb
    +35LgMMg3JuY1DQ3ueJIzAeigZjZPP11AJ+reJKhvIMwBSB3eWMGQKmqxkT8qp0THaGLbgAwT8FqFsRzJ1Q0/TbC1N5L4nrJfGVi
    edMjVKaZvzFgyxaKgLBNxSPwFSq6eQS45SydAcm8y9YLZq+CelpIfDehvLkGAMKRcf8homUTQJ5kf0u1lbr20tSrQr6LykOlaavb
    7pk20c48SXpbw7qwwFs/LZpoSnJEhC5ldfoc7mLeb2U8VJg6CcD8aDoTHkmobAr0/560oS4EYJOVLgBoL0lbSIytABtgQHRHbmNf
    WoHV+YEMWc1Snd6E2cgCcGQgzTwChEzR6G6s2zCj28phGosFCp091M0brOS0+gjFOKfCTJeeYlYuZv0In3bVa/WBTSPAFACWpKnl
    02dWhgGAGaqt5oPER5tP2MlqMMZkgyjbSqCvCNOp4jHJC6Jp5hFAPF4lTJDtVoYBgIimKqw6yhg1aDb7ga86kNMEAHHRNMU2qC5P
    Mci+eCJjL23ZwGSTmcODVSZApv4qAsDRSUofGcqRcQ6ITTVAEFsOWRuYZImE2YYZ0aUyAIBkMh2ITAEgUh8tiUi3OJ4FMwUU5CtC
    K1JiviPskykw2QD2WcnNvvvwRABjVTzBME1j8wiQokUlzOBp2UWHlIrPKnMb7wGIngZuZrHcSk5pT4oimFPpiJCu96zkjDFh/YgT
    OGwmmXFQI+6ON9w5VsYT1jUeY9COaDoxVp0qSc2zkh2IUyWpeQSsiqYzaEdCZdCy0MkQ2hJbWERMW6QpAFIqhzEAgDhyjZVxACBg
    o4I8ThJtcxKE1tKUfEl4DTCv2IRIlZ08wLqXJp/vL89qiiaaAhDYOL0R2hITLbQzn1hx9B9gVqWjUyXR7vbS1N+q1oTQipTJ7b60
    hwwW7wI0xWwauxIrWpRFj37ML9vhYkDn43uqCrGi3kcMangdjCUKJQvylx9J+WjjNOU60Q/pFreLMH8IICmKFUdM94Pp3pAv7QOA
    Pukl8yWQuJz09cd2yeLnVjYBoO3ktO8QYZKSSWyamoDmOMySdKc+QxqRX9o5krzuaD0TfgZAlzq7AMwF+LbeP1wFfee7mbHY0VG5
    92WKEpJcf1fRlQFwnx77Cnrv6RXgotyVx2xzgqTypldZ0vf1ehwhxMCiJH+T8og7ELO8DbkMKAs5DOzRXb4qA/Dh5pROAH/T2JpM
    4c7Vdg4BQFLl0e3SMDwg2B+jTaB3JER+UkXTa05aG8DvoS3w4HGtFR0jv+jwZVJE9mvadMHgvJryrE+cOMcAhUrTFlLvm4KroX9D
    FAHwFjOXJ/mb/+lENwDklQQXMfPLGvZJdsdP09UxLfN7j7f+ZYAWadjvu7pOzvtw8+Xq1FmD0IqUycTiGgZfDKbeRZK4nSQdZEPu
    SvxDi7KkpUPOsuBUl5uroTkkMfF9AX/WGp285eWoQcZ9EZbXQ13cvDIcd0EFgJiyvL4OvhiLjA45ZbVjjDb+K1h7QjwG13jL3MHy
    aqzan/4xEesvKQiFed6GX9m7OgIoY+FujX+aGNrkjMAr7Er4theS0jX+1wC0Z3oG1uYVB01p60iiYOked25r47MMXmzRbPveyqzn
    7HQ5eiCRX9I4V7J8C5bvAPmPX0hZYlc2Gyryiw5dKIXxPIBvWTT7NNxDc+xK+IDDZ3If+dN3MymrvQNAd40X4t2+K/URQW5x8Dop
    jGpYd/6MBG5y0nkgxmdyud76CgKV2DTrAVDVHR6z5sCjaYOtBZ6DOb667IgUvwPwU5umkolvCfiznneqO8Z3gkweb8MmQJ9yDkAH
    gM0yQk/u25hxIDY7vcgrrvu6JKOQwD+G/TNcZuLCgD/Lttw+EKPxUBIAVzPTNmLs4rFyb2B9trnCXMZidvuRdOLIHGLMA3AjgHSH
    BnoA3DGYF6aDfivs8QbvBLgSmvKTDToBHAe4lUAuCSQTMGWQuj5jkosD/ux/D0J2aI+lPUWN+RDyOQAzh6Jn8OAdEGOW1FRcZCqf
    O8WQvxeY6zs6rlP23AdgJRRVnBHCSSasDvgznhrq2+Jh+2BiVtGhLGEY9xPjZgzDdwgafEFMVRBYu9ef0TYcCof9k5nZvsOZBkfu
    ZsYtAMw3RYNDHTMe5x7jKdX746FgxD6aml+2w9V6YvoCFrwQoGsJuATOv0/oBrCHGTshxEsBf7rlFfpQMGqfzV2y6sCEuG63h0GZ
    ANIInAimBBAbBDopGa0EHBGMgx2IHBjplPo8zuM8zgMA/gezPyg4HAWF4QAAAABJRU5ErkJggg==
    """
}
