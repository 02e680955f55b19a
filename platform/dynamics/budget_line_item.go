package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// budgetLineItem is a job planning line or a budget entry of the general ledger. A planning line is read as the analytics
// API has it (amounts in the company's own currency: LCY), as page 1007 publishes it (Job_No), and as a page of the tenant
// over the same table writes it; the job, the task and the line number are its key. A budget entry has a number.
var budgetLineItem = mapping.Table{
	Key: []string{"project_number", "cost_code", "line_number"},
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id", "entryNo"),
		row("cost_code", text(20), "jobTaskNo", "Job_Task_No", "accountNo", "glAccountNo"),
		row("name", text(100), "description", "Description"),
		row("description", text(50), "description2", "Description_2"),
		row("line_type", mapping.EncodedWords(
			"budget: Budget", "billable: Billable", "both: Both Budget and Billable",
		).None(jsontext.NewString("")), "lineType", "Line_Type"),
		row("item_type", mapping.EncodedText(), "jobType", "type", "Type"),
		row("item_number", text(20), "no", "number", "No", "generalLedgerAccountNumber"),
		row("budget_name", text(10), "budgetName"),
		row("project_id", reference(canonical.Project), "jobId", "projectId"),
		row("project_number", text(20), "jobNo", "Job_No", "jobNumber"),
		row("document_number", text(20), "documentNo", "Document_No"),
		row("line_number", integer, "lineNo", "Line_No"),
		row("date", date, "planningDate", "Planning_Date", "date", "budgetDate"),
		row("currency", currency, "currencyCode", "Currency_Code"),
		row("budgeted_amount", money, "totalCostLCY", "totalCost", "Total_Cost", "amount", "budgetAmount"),
		row("unit", text(10), "unitOfMeasureCode", "Unit_of_Measure_Code"),
		row("quantity", decimal, "quantity", "Quantity"),
		row("unit_cost", price, "unitCostLCY", "unitCost", "Unit_Cost"),
		row("unit_price", price, "unitPriceLCY", "unitPrice", "Unit_Price"),
		row("line_amount", money, "lineAmountLCY", "lineAmount", "Line_Amount"),
		row("total_price", money, "totalPriceLCY", "totalPrice", "Total_Price"),
		row("discount_amount", money, "lineDiscountAmount", "Line_Discount_Amount"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
	},
}
