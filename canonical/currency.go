package canonical

import "strings"

// Exponent returns how many digits the minor unit of a currency has, by ISO 4217 (list one, amendment 179). The figures of
// CLDR, which golang.org/x/text/currency carries, are for display and differ: CLDR writes 0 digits for IQD where ISO has 3.
func Exponent(currency string) (int, bool) {
	i, ok := letters(currency)
	if !ok || exponents[i] < 0 {
		return 0, false
	}
	return int(exponents[i]), true
}

// letters numbers the texts of three capital letters.
func letters(code string) (int, bool) {
	if len(code) != 3 {
		return 0, false
	}
	a, b, c := code[0]-'A', code[1]-'A', code[2]-'A'
	return (int(a)*26+int(b))*26 + int(c), a < 26 && b < 26 && c < 26
}

// Currencies lists the codes that have a minor unit, in no order.
func Currencies() []string {
	var codes []string
	for i, exponent := range exponents {
		if exponent >= 0 {
			codes = append(codes, string([]byte{'A' + byte(i/26/26), 'A' + byte(i/26%26), 'A' + byte(i%26)}))
		}
	}
	return codes
}

// exponents has the digits of each currency by its letters, -1 where there is none: every amount needs them, some twice.
var exponents = func() (table [26 * 26 * 26]int8) {
	for i := range table {
		table[i] = -1
	}
	for exponent, codes := range []string{
		0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
		2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
			COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
			INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
			MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
			STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG` +
			// withdrawn in the last years; older records still carry them
			` ANG BGN CUC HRK SLL ZWL`,
		3: `BHD IQD JOD KWD LYD OMR TND`,
		4: `CLF UYW`,
	} {
		for _, code := range strings.Fields(codes) {
			i, _ := letters(code)
			table[i] = int8(exponent)
		}
	}
	return table
}()
