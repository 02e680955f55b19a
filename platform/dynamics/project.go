package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// project is a project (companies({id})/projects), which is what the API calls a Job: it has number and displayName only.
// The rest is on the Job card (page 88) and in the query jobs of the analytics API; both are read in their spellings.
var project = mapping.Table{
	Key:    []string{"number"},
	Number: "number",
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row("name", text(100), "displayName", "description", "Description"),
		row("number", text(20), "number", "no", "No"),
		row("status", mapping.EncodedWords(
			"planning: Planning",
			"quote: Quote",
			"active: Open",
			"completed: Completed",
			"~inactive: Completed",
		), "status", "Status"),
		row("description", text(50), "description2", "Description_2"),
		row("currency", currency, "currencyCode", "Currency_Code"),
		row("total_value", money, "contractTotalPrice", "Contract_Total_Price"),
		row("start_date", date, "startingDate", "Starting_Date"),
		row("completion_date", date, "endingDate", "Ending_Date"),
		row("customer_id", reference(canonical.Customer), "billToCustomerId"),
		row("customer_number", text(20), "billToCustomerNo", "Bill_to_Customer_No", "billToCustomerNumber"),
		row("customer_name", text(100), "billToName", "Bill_to_Name"),
		row("address.name", text(100), "sellToCustomerName", "Sell_to_Customer_Name"),
		row("address.contact", text(100), "sellToContact", "Sell_to_Contact"),
		row("address.line1", text(100), "sellToAddress", "Sell_to_Address"),
		row("address.line2", text(50), "sellToAddress2", "Sell_to_Address_2"),
		row("address.city", text(30), "sellToCity", "Sell_to_City"),
		row("address.state", text(30), "sellToCounty", "Sell_to_County"),
		row("address.postal_code", text(20), "sellToPostCode", "Sell_to_Post_Code"),
		row("address.country", text(10), "sellToCountryRegionCode", "Sell_to_Country_Region_Code"),
		row("phone", text(30), "sellToPhoneNo", "SellToPhoneNo"),
		row("accounting_number", text(35), "externalDocumentNo", "External_Document_No"),
		row("reference", text(35), "yourReference", "Your_Reference"),
		row("manager", text(50), "projectManager", "Project_Manager"),
		row("responsible", text(20), "personResponsible", "Person_Responsible"),
		row("created_on", date, "creationDate", "Creation_Date"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
	},
}
