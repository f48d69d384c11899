/**
 * The time zones of the world by the rule that they follow and their standard time in minutes east
 * of UTC. Names that have the same area stand behind it.
 *
 * Source: the IANA time zone database 2025c (public domain), as it holds from 2024 on. Not here, and
 * so unknown to the API: the 20 zones whose rules are nobody else's or were changed since 2024, in
 * Morocco, Egypt, Paraguay, Chile, Cuba, eastern Greenland, Kazakhstan, Israel, Palestine, Lebanon
 * and Moldova, at Troll, and on Lord Howe, Chatham and Norfolk.
 */
export type ZoneRule = "fixed" | "europe" | "america" | "australia" | "newZealand";

export const ZONE_TABLE: Readonly<Record<ZoneRule, Readonly<Record<string, string>>>> = {
  fixed: {
    "-660": "Pacific: Midway Niue Pago_Pago",
    "-600": "Pacific: Honolulu Rarotonga Tahiti",
    "-570": "Pacific: Marquesas",
    "-540": "Pacific: Gambier",
    "-480": "Pacific: Pitcairn",
    "-420":
      "America: Creston Dawson Dawson_Creek Fort_Nelson Hermosillo Mazatlan Phoenix Whitehorse",
    "-360":
      "America: Bahia_Banderas Belize Chihuahua Costa_Rica El_Salvador Guatemala Managua Merida Mexico_City Monterrey Regina Swift_Current Tegucigalpa; Pacific: Galapagos",
    "-300":
      "America: Atikokan Bogota Cancun Cayman Coral_Harbour Eirunepe Guayaquil Jamaica Lima Panama Rio_Branco",
    "-240":
      "America: Anguilla Antigua Aruba Barbados Blanc-Sablon Boa_Vista Campo_Grande Caracas Cuiaba Curacao Dominica Grenada Guadeloupe Guyana Kralendijk La_Paz Lower_Princes Manaus Marigot Martinique Montserrat Port_of_Spain Porto_Velho Puerto_Rico Santo_Domingo St_Barthelemy St_Kitts St_Lucia St_Thomas St_Vincent Tortola",
    "-180":
      "America: Araguaina Argentina/Buenos_Aires Argentina/Catamarca Argentina/Cordoba Argentina/Jujuy Argentina/La_Rioja Argentina/Mendoza Argentina/Rio_Gallegos Argentina/Salta Argentina/San_Juan Argentina/San_Luis Argentina/Tucuman Argentina/Ushuaia Bahia Belem Buenos_Aires Catamarca Cayenne Cordoba Fortaleza Jujuy Maceio Mendoza Montevideo Paramaribo Punta_Arenas Recife Santarem Sao_Paulo; Antarctica: Palmer Rothera; Atlantic: Stanley",
    "-120": "America: Noronha; Atlantic: South_Georgia",
    "-60": "Atlantic: Cape_Verde",
    "0": "Africa: Abidjan Accra Bamako Banjul Bissau Conakry Dakar Freetown Lome Monrovia Nouakchott Ouagadougou Sao_Tome; America: Danmarkshavn; Atlantic: Reykjavik St_Helena",
    "60": "Africa: Algiers Bangui Brazzaville Douala Kinshasa Lagos Libreville Luanda Malabo Ndjamena Niamey Porto-Novo Tunis",
    "120":
      "Africa: Blantyre Bujumbura Gaborone Harare Johannesburg Juba Khartoum Kigali Lubumbashi Lusaka Maputo Maseru Mbabane Tripoli Windhoek; Europe: Kaliningrad",
    "180":
      "Africa: Addis_Ababa Asmara Asmera Dar_es_Salaam Djibouti Kampala Mogadishu Nairobi; Antarctica: Syowa; Asia: Aden Amman Baghdad Bahrain Damascus Kuwait Qatar Riyadh; Europe: Istanbul Kirov Minsk Moscow Simferopol Volgograd; Indian: Antananarivo Comoro Mayotte",
    "210": "Asia: Tehran",
    "240":
      "Asia: Baku Dubai Muscat Tbilisi Yerevan; Europe: Astrakhan Samara Saratov Ulyanovsk; Indian: Mahe Mauritius Reunion",
    "270": "Asia: Kabul",
    "300":
      "Antarctica: Mawson Vostok; Asia: Aqtau Aqtobe Ashgabat Atyrau Dushanbe Karachi Oral Qyzylorda Samarkand Tashkent Yekaterinburg; Indian: Kerguelen Maldives",
    "330": "Asia: Calcutta Colombo Kolkata",
    "345": "Asia: Kathmandu Katmandu",
    "360": "Asia: Bishkek Dhaka Omsk Thimphu Urumqi; Indian: Chagos",
    "390": "Asia: Rangoon Yangon; Indian: Cocos",
    "420":
      "Antarctica: Davis; Asia: Bangkok Barnaul Ho_Chi_Minh Hovd Jakarta Krasnoyarsk Novokuznetsk Novosibirsk Phnom_Penh Pontianak Saigon Tomsk Vientiane; Indian: Christmas",
    "480":
      "Antarctica: Casey; Asia: Brunei Hong_Kong Irkutsk Kuala_Lumpur Kuching Macau Makassar Manila Shanghai Singapore Taipei Ulaanbaatar; Australia: Perth",
    "525": "Australia: Eucla",
    "540": "Asia: Chita Dili Jayapura Khandyga Pyongyang Seoul Tokyo Yakutsk; Pacific: Palau",
    "570": "Australia: Darwin",
    "600":
      "Antarctica: DumontDUrville; Asia: Ust-Nera Vladivostok; Australia: Brisbane Lindeman; Pacific: Chuuk Guam Port_Moresby Saipan Truk",
    "660":
      "Asia: Magadan Sakhalin Srednekolymsk; Pacific: Bougainville Efate Guadalcanal Kosrae Noumea Pohnpei Ponape",
    "720":
      "Asia: Anadyr Kamchatka; Pacific: Fiji Funafuti Kwajalein Majuro Nauru Tarawa Wake Wallis",
    "780": "Pacific: Apia Enderbury Fakaofo Kanton Tongatapu",
    "840": "Pacific: Kiritimati",
  },
  europe: {
    "-120": "America: Godthab Nuuk",
    "-60": "Atlantic: Azores",
    "0": "Atlantic: Canary Faeroe Faroe Madeira; Europe: Dublin Guernsey Isle_of_Man Jersey Lisbon London",
    "60": "Africa: Ceuta; Arctic: Longyearbyen; Europe: Amsterdam Andorra Belgrade Berlin Bratislava Brussels Budapest Busingen Copenhagen Gibraltar Ljubljana Luxembourg Madrid Malta Monaco Oslo Paris Podgorica Prague Rome San_Marino Sarajevo Skopje Stockholm Tirane Vaduz Vatican Vienna Warsaw Zagreb Zurich",
    "120":
      "Asia: Famagusta Nicosia; Europe: Athens Bucharest Helsinki Kiev Kyiv Mariehamn Riga Sofia Tallinn Vilnius",
  },
  america: {
    "-600": "America: Adak",
    "-540": "America: Anchorage Juneau Metlakatla Nome Sitka Yakutat",
    "-480": "America: Los_Angeles Tijuana Vancouver",
    "-420": "America: Boise Cambridge_Bay Ciudad_Juarez Denver Edmonton Inuvik",
    "-360":
      "America: Chicago Indiana/Knox Indiana/Tell_City Matamoros Menominee North_Dakota/Beulah North_Dakota/Center North_Dakota/New_Salem Ojinaga Rankin_Inlet Resolute Winnipeg",
    "-300":
      "America: Detroit Grand_Turk Indiana/Indianapolis Indiana/Marengo Indiana/Petersburg Indiana/Vevay Indiana/Vincennes Indiana/Winamac Indianapolis Iqaluit Kentucky/Louisville Kentucky/Monticello Louisville Nassau New_York Port-au-Prince Toronto",
    "-240": "America: Glace_Bay Goose_Bay Halifax Moncton Thule; Atlantic: Bermuda",
    "-210": "America: St_Johns",
    "-180": "America: Miquelon",
  },
  australia: {
    "570": "Australia: Adelaide Broken_Hill",
    "600": "Antarctica: Macquarie; Australia: Hobart Melbourne Sydney",
  },
  newZealand: {
    "720": "Antarctica: McMurdo; Pacific: Auckland",
  },
};
