const fall = "kooperationen/verborgen/";
